#include "inspect/doctor_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "inspect/db.h"
#include "inspect/text.h"

enum { SECCOMP_FILTER = 2, TRACE_ME = 0 }; /* linux/seccomp.h and sys/ptrace.h: trace's */

void
doctor_say(struct doctor *d, const char *check, enum doctor_verdict v, const char *fmt,
	   ...)
{
	AUTO(str_fini) struct str text = STR_INIT;
	va_list ap;

	va_start(ap, fmt);
	str_vaddf(&text, fmt, ap);
	va_end(ap);
	d->cb(d->ctx, check, v, text.s);
}

static void
kernel(struct doctor *d, const struct utsname *u)
{
	unsigned major = 0, minor = 0;

	sscanf(u->release, "%u.%u", &major, &minor);
	doctor_say(d, "kernel",
		   major > 4 || (major == 4 && minor >= 8) ? DOCTOR_OK : DOCTOR_FAIL,
		   "%s (4.8 is needed)", u->release);
}

/* 0, or the error of what the child tried. */
static int
in_child(int (*try)(void))
{
	int status = 0;
	pid_t pid = fork();

	if (pid < 0)
		return errno;
	if (pid == 0)
		_exit(try() < 0 ? errno & 127 : 0);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EPERM;
}

static int
try_trace(void)
{
	return (int)syscall(SYS_ptrace, TRACE_ME, 0, 0, 0);
}

static int
try_namespace(void)
{
	AUTO(str_fini) struct str map = STR_INIT;
	uid_t uid = geteuid();
	int fd;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return -1;
	str_addf(&map, "%u %u 1\n", uid, uid);
	fd = open("/proc/self/uid_map", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, map.s, map.len) < 0)
		return -1;
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -1;
	return mount("tmpfs", "/tmp", "tmpfs", 0, NULL);
}

static void
engines(struct doctor *d)
{
	int trace = in_child(try_trace), space = in_child(try_namespace);
	bool filter =
		prctl(PR_SET_SECCOMP, SECCOMP_FILTER, NULL, 0, 0) < 0 && errno == EFAULT;

	if (trace)
		doctor_say(d, "ptrace", DOCTOR_FAIL, "programs cannot be traced here: %s",
			   strerror(trace));
	else if (filter)
		doctor_say(d, "ptrace", DOCTOR_OK, "works, with a seccomp filter");
	else
		doctor_say(d, "ptrace", DOCTOR_WARN,
			   "works, but slowly: there is no seccomp filter");
	if (space)
		doctor_say(d, "namespace", DOCTOR_WARN, "not here (%s): ptrace is used",
			   strerror(space));
	else
		doctor_say(d, "namespace", DOCTOR_OK,
			   "user and mount namespaces can be made");
}

/* What uname calls the machines that elf.machine names. */
static bool
runs_here(const char *elf, const char *machine)
{
	static const char *const table[][2] = {
		{ "x86-64", "x86_64" }, { "i386", "x86_64" },	  { "i386", "i386" },
		{ "i386", "i686" },	{ "aarch64", "aarch64" }, { "arm", "aarch64" },
		{ "arm", "armv7l" },	{ "riscv", "riscv64" },	  { "ppc64", "ppc64le" },
		{ "s390", "s390x" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (strcmp(elf, table[i][0]) == 0 && strcmp(machine, table[i][1]) == 0)
			return true;
	return false;
}

static int
machines(struct doctor *d, const struct utsname *u)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	int got;

	if (db_prepare(d->p, &s,
		       "SELECT x.value, count(*) FROM fact x JOIN file f ON f.id = x.file"
		       " WHERE x.key = 'elf.machine' AND f.type = 'elf-exec' GROUP BY 1",
		       d->e) < 0)
		return -1;
	while ((got = db_step(d->p, s, d->e)) > 0) {
		const char *elf = db_name(s, 0, NULL);

		if (elf)
			doctor_say(d, "machine",
				   runs_here(elf, u->machine) ? DOCTOR_OK : DOCTOR_FAIL,
				   "%lld programs for %s; this is %s",
				   (long long)sqlite3_column_int64(s, 1), elf,
				   u->machine);
	}
	return got;
}

/* Both with a blank before and behind each word. */
static bool
has_words(const char *text, const char *words)
{
	while (*++words) {
		AUTO(str_fini) struct str word = STR_INIT;
		size_t n = strcspn(words, " ");

		str_addf(&word, " %.*s ", (int)n, words);
		if (!strstr(text, word.s))
			return false;
		words += n;
	}
	return true;
}

/* The highest x86-64-vN that the flags of /proc/cpuinfo have; 0 not known. */
static int
cpu_level(void)
{
	/* as the psABI names them, by the words of the kernel */
	static const char *const feature[] = {
		" cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3 ",
		" avx avx2 bmi1 bmi2 f16c fma abm movbe xsave ",
		" avx512f avx512bw avx512cd avx512dq avx512vl ",
	};
	AUTO(str_fini) struct str text = STR_INIT;
	AUTO(err_fini) struct err none = ERR_INIT;
	int level = 1;
	char *flags;

	if (fs_slurp(AT_FDCWD, "/proc/cpuinfo", &text, &none) < 0 ||
	    !(flags = strstr(text.s, "\nflags")))
		return 0;
	flags[1 + strcspn(flags + 1, "\n")] = ' ';
	flags[strcspn(flags + 1, "\n") + 1] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(feature); i++, level++)
		if (!has_words(flags, feature[i]))
			break;
	return level;
}

static int
cpu(struct doctor *d)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	int have = cpu_level(), got;

	if (db_prepare(
		    d->p, &s,
		    "SELECT x.value, min(f.path) FROM fact x JOIN file f ON f.id = x.file"
		    " WHERE x.key = 'elf.isa' GROUP BY 1 ORDER BY 1",
		    d->e) < 0)
		return -1;
	while ((got = db_step(d->p, s, d->e)) > 0) {
		const char *isa = db_name(s, 0, NULL), *path = db_name(s, 1, NULL);
		int want = isa && str_has_prefix(isa, "x86-64-v") ? atoi(isa + 8) : 1;

		if (have && want > have)
			doctor_say(d, "cpu", DOCTOR_WARN,
				   "%s asks for %s; this one has x86-64-v%d",
				   path ? path : "?", isa, have);
	}
	if (have)
		doctor_say(d, "cpu", DOCTOR_OK, "x86-64-v%d", have);
	return got;
}

/* Loaders that programs name: in the package, or at least here. */
static int
loaders(struct doctor *d)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	AUTO(str_fini) struct str real = STR_INIT;
	int got;

	if (db_prepare(d->p, &s,
		       "SELECT DISTINCT value FROM fact WHERE key = 'elf.interp'",
		       d->e) < 0)
		return -1;
	while ((got = db_step(d->p, s, d->e)) > 0) {
		size_t len;
		const char *loader = db_name(s, 0, &len);
		enum verdict v;

		if (!loader || !db_is_path(loader, len))
			continue;
		v = rules_decide(&d->p->rules, loader, len).verdict;
		if (v != VERDICT_HOST && package_resolve(d->p, loader, &real) == 0)
			doctor_say(d, "loader", DOCTOR_OK, "%s is in the package",
				   loader);
		else if (access(loader, X_OK) == 0)
			doctor_say(d, "loader", DOCTOR_WARN, "%s is this machine's",
				   loader);
		else
			doctor_say(d, "loader", DOCTOR_FAIL,
				   "%s is neither in the package nor here", loader);
	}
	return got;
}

static void
cde_exec(struct doctor *d)
{
	struct statvfs fs;

	if (faccessat(d->p->layout.dirfd, PKG_EXEC, X_OK, 0) < 0)
		doctor_say(d, "cde-exec", DOCTOR_FAIL, "%s", strerror(errno));
	else if (statvfs(d->p->layout.dir.s, &fs) == 0 && (fs.f_flag & ST_NOEXEC))
		doctor_say(d, "cde-exec", DOCTOR_FAIL, "%s is mounted noexec",
			   d->p->layout.dir.s);
	else
		doctor_say(d, "cde-exec", DOCTOR_OK, "can be started");
}

static void
space(struct doctor *d)
{
	enum { LOW = 64 << 20 };
	const char *const dir[] = { d->p->layout.dir.s, getenv("TMPDIR") ?: "/tmp" };

	for (size_t i = 0; i < ARRAY_SIZE(dir); i++) {
		AUTO(str_fini) struct str size = STR_INIT;
		struct statvfs fs;
		uint64_t room;

		if (statvfs(dir[i], &fs) < 0)
			continue;
		room = (uint64_t)fs.f_bavail * fs.f_frsize;
		text_size(&size, room);
		doctor_say(d, "space", room < LOW ? DOCTOR_WARN : DOCTOR_OK,
			   "%s free in %s", size.s, dir[i]);
	}
}

static void
completeness(struct doctor *d)
{
	int64_t bad =
		db_number(d->p, "SELECT count(*) FROM file WHERE state IN (3, 6)", 0);

	if (bad)
		doctor_say(d, "files", DOCTOR_WARN,
			   "%lld files could not be packaged (cde-pkg ls state:u)",
			   (long long)bad);
	else
		doctor_say(d, "files", DOCTOR_OK, "all that was captured is there");
}

int
doctor_run(struct package *p, doctor_cb *cb, void *ctx, struct err *e)
{
	struct doctor d = { p, cb, ctx, e };
	struct utsname u;

	if (uname(&u) < 0)
		return err_set(e, errno, "uname");
	kernel(&d, &u);
	engines(&d);
	cde_exec(&d);
	space(&d);
	if (!p->db) {
		doctor_say(&d, "files", DOCTOR_WARN,
			   "there is no manifest: little is known");
		return 0;
	}
	if (p->version >= 2 &&
	    (machines(&d, &u) < 0 || doctor_kernel(&d, u.release) < 0 ||
	     loaders(&d) < 0 || doctor_libraries(&d) < 0 || cpu(&d) < 0))
		return -1;
	completeness(&d);
	return 0;
}
