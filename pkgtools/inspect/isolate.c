/*
 * A child makes the namespaces and the root, forks the program, waits, looks at what it
 * left, and reports by a pipe: "!text" an error; "f INDEX KIND SIZE SHA256" a file;
 * "c INDEX LENGTH" and "m LENGTH" with so many bytes; "n ROUTES DATAGRAMS CONNECTIONS";
 * "s STATUS SECONDS" last.
 */
#include "inspect/isolate.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "inspect/digest.h"
#include "path/lex.h"
#include "tree/layout.h"

#define BASE "/tmp" /* covered by a tmpfs, in the child's mount namespace only */

void
isolate_fini(struct isolate *x)
{
	for (size_t i = 0; i < x->file.n; i++)
		str_fini(&x->file.v[i].text);
	vec_fini(&x->file);
	str_fini(&x->missing);
}

/* ---- the child ---- */

static int
write_file(const char *name, const char *text)
{
	AUTO(fd_drop) int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	return fd < 0 ? -errno : fd_write_all(fd, text, strlen(text));
}

static int
make_namespaces(struct err *e)
{
	char map[64];
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int r;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS |
		    CLONE_NEWIPC) < 0)
		return err_set(e, errno, "user namespaces cannot be made here");
	write_file("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "%d %u 1", ISOLATE_UID, uid);
	r = write_file("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "%d %u 1", ISOLATE_UID, gid);
	if (r == 0)
		r = write_file("/proc/self/gid_map", map);
	if (r < 0)
		return err_set(e, -r, "user ids cannot be mapped here");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return err_set(e, errno, "make mounts private");
	return 0;
}

static void
loopback_up(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	AUTO(fd_drop) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0)
		ioctl(fd, SIOCSIFFLAGS, &lo);
}

/* The name of a directory may hold what mount options cannot. */
static int
mount_package(int dirfd, struct err *e)
{
	AUTO(str_fini) struct str how = STR_INIT;

	str_addf(&how, "lowerdir=/proc/self/fd/%d,upperdir=" BASE "/u,workdir=" BASE "/w",
		 dirfd);
	if (mount("overlay", BASE "/r/pkg", "overlay", 0, how.s) == 0)
		return 0;
	str_add(&how, ",userxattr");
	if (mount("overlay", BASE "/r/pkg", "overlay", 0, how.s) == 0)
		return 0;
	return err_set(e, errno, "overlayfs cannot be mounted here");
}

static void
make_etc(void)
{
	write_file(BASE "/r/etc/passwd",
		   "root:x:0:0:root:/root:/bin/sh\n" ISOLATE_USER
		   ":x:12345:12345:" ISOLATE_USER ":/nonexistent:/bin/sh\n");
	write_file(BASE "/r/etc/group", "root:x:0:\n" ISOLATE_USER ":x:12345:\n");
	write_file(BASE "/r/etc/hosts", "127.0.0.1 localhost\n");
	write_file(BASE "/r/etc/resolv.conf", "");
	if (symlink("../proc/self/mounts", BASE "/r/etc/mtab") < 0)
		return; /* few look for it */
}

static int
make_root(int dirfd, struct err *e)
{
	static const char *const dir[] = { "u",	    "w",     "r",      "r/pkg",
					   "r/dev", "r/etc", "r/proc", "r/tmp" };

	if (mount("tmpfs", BASE, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") < 0)
		return err_set(e, errno, "tmpfs cannot be mounted here");
	for (size_t i = 0; i < ARRAY_SIZE(dir); i++) {
		AUTO(str_fini) struct str name = STR_INIT;

		str_addf(&name, BASE "/%s", dir[i]);
		if (mkdir(name.s, 0755) < 0)
			return err_set(e, errno, "%s", name.s);
	}
	chmod(BASE "/r/tmp", 01777);
	make_etc();
	if (mount_package(dirfd, e) < 0)
		return -1;
	if (mount("/proc", BASE "/r/proc", NULL, MS_BIND | MS_REC, NULL) < 0 ||
	    mount("/dev", BASE "/r/dev", NULL, MS_BIND | MS_REC, NULL) < 0 ||
	    mount(BASE "/r", BASE "/r", NULL, MS_BIND | MS_REC, NULL) < 0 ||
	    chdir(BASE "/r") < 0 || syscall(SYS_pivot_root, ".", ".") < 0 ||
	    umount2(".", MNT_DETACH) < 0 || chdir("/pkg") < 0)
		return err_set(e, errno, "enter a new root directory");
	return 0;
}

static _Noreturn void
start(const struct isolate *x)
{
	static char *env[] = { (char *)"PATH=/usr/bin:/bin", (char *)"HOME=/nonexistent",
			       NULL };
	char number[24];
	char *argv[] = { (char *)"/pkg/" PKG_EXEC, (char *)"--diagnose",
			 (char *)"--rerun", number, NULL };
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	snprintf(number, sizeof(number), "%" PRId64, x->run);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(null, 0) < 0 || dup2(x->out, 1) < 0 || dup2(x->err, 2) < 0)
		_exit(125);
	execve(argv[0], argv, env);
	dprintf(2, "%s: %s\n", argv[0], strerror(errno));
	_exit(125);
}

/* What the run made is not there when it starts; of a directory, not what others made. */
static void
hide_outputs(const struct isolate *x, int rootfd)
{
	for (size_t i = x->file.n;
	     i-- > 0;) { /* what is in a directory comes behind it */
		AUTO(str_fini) struct str dir = STR_INIT;
		const char *path = x->file.v[i].path + 1, *name = path_base(path);
		struct stat st;

		str_setn(&dir, path, (size_t)(name - path));
		if (!dir.len)
			str_set(&dir, ".");
		AUTO(fd_drop)
		int fd = fs_open_beneath(rootfd, dir.s, O_PATH | O_DIRECTORY | O_CLOEXEC,
					 0);
		if (fd < 0 || fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		unlinkat(fd, name, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0);
	}
}

static void
look(const struct isolate *x, int rootfd, size_t i, struct str *out)
{
	char sha[DIGEST_HEX] = "", other[DIGEST_HEX];
	const char *path = x->file.v[i].path + 1;
	AUTO(str_fini) struct str text = STR_INIT;
	AUTO(fd_drop)
	int fd = fs_open_beneath(rootfd, path, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return;
	if (S_ISREG(st.st_mode)) {
		AUTO(fd_drop)
		int file = fs_open_beneath(rootfd, path, O_RDONLY | O_CLOEXEC, 0);

		if (file < 0 || digest_file(file, sha, NULL, other) < 0)
			sha[0] = '\0';
		if (file >= 0 && st.st_size <= ISOLATE_TEXT_MOST &&
		    lseek(file, 0, SEEK_SET) == 0)
			fd_read_all(file, &text);
	}
	str_addf(out, "f %zu %c %lld %s\n", i, fs_kind_letter(st.st_mode),
		 (long long)st.st_size, sha);
	str_addf(out, "c %zu %zu\n", i, text.len);
	str_addn(out, text.s, text.len);
}

/* The number of `name` in a line of numbers below a line of names, both with `head`. */
static uint64_t
counter(const char *text, const char *head, const char *name)
{
	const char *names = strstr(text, head), *numbers;
	size_t n = strlen(name);

	if (!names || !(numbers = strstr(names + 1, head)))
		return 0;
	for (; *names && *names != '\n'; names++, numbers++) {
		if (strncmp(names, name, n) == 0 && strchr(" \n", names[n]))
			return strtoull(numbers, NULL, 10);
		names += strcspn(names, " \n");
		numbers += strcspn(numbers, " \n");
		if (*names != ' ' || *numbers != ' ')
			break;
	}
	return 0;
}

/* The network namespace is new, and so are its counters. */
static void
take_net(struct str *out)
{
	AUTO(str_fini) struct str four = STR_INIT, six = STR_INIT;
	AUTO(err_fini) struct err none = ERR_INIT;
	const char *at;
	uint64_t routes;

	if (fs_slurp(AT_FDCWD, "/proc/self/net/snmp", &four, &none) < 0)
		return;
	routes = counter(four.s, "Ip:", "OutNoRoutes");
	if (fs_slurp(AT_FDCWD, "/proc/self/net/snmp6", &six, &none) == 0 &&
	    (at = strstr(six.s, "Ip6OutNoRoutes")))
		routes += strtoull(at + strlen("Ip6OutNoRoutes"), NULL, 10);
	str_addf(out, "n %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", routes,
		 counter(four.s, "Udp:", "NoPorts"),
		 counter(four.s, "Tcp:", "AttemptFails"));
}

/* What this run noted, not what earlier ones did. */
static void
take_missing(off_t before, struct str *out)
{
	AUTO(str_fini) struct str text = STR_INIT;
	AUTO(err_fini) struct err none = ERR_INIT;

	if (fs_slurp(AT_FDCWD, PKG_MISSING, &text, &none) < 0)
		return;
	if ((off_t)text.len < before) /* it was rotated */
		before = 0;
	str_addf(out, "m %zu\n", text.len - (size_t)before);
	str_addn(out, text.s + before, text.len - (size_t)before);
}

/* By its name: overlayfs wants a directory of this mount namespace. */
static int
open_package(const struct layout *l, struct err *e)
{
	AUTO(fd_drop) int fd = open(l->dir.s, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat is, was;

	if (fd < 0 || fstat(fd, &is) < 0 || fstat(l->dirfd, &was) < 0)
		return err_set(e, errno, "%s", l->dir.s);
	if (is.st_dev != was.st_dev || is.st_ino != was.st_ino)
		return err_set(e, 0, "%s: was moved", l->dir.s);
	return fd_take(&fd);
}

static int
run_inside(const struct isolate *x, struct str *out, struct err *e)
{
	AUTO(fd_drop) int dirfd = -1;
	struct stat st = { .st_size = 0 };
	struct timespec from, to;
	int status = 0;
	pid_t pid;

	if (make_namespaces(e) < 0)
		return -1;
	loopback_up();
	sethostname(ISOLATE_HOST, strlen(ISOLATE_HOST));
	dirfd = open_package(&x->p->layout, e);
	if (dirfd < 0 || make_root(dirfd, e) < 0)
		return -1;
	if (lstat(PKG_MISSING, &st) < 0)
		st.st_size = 0;
	AUTO(fd_drop) int rootfd = open(PKG_ROOT, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (rootfd < 0)
		return err_set(e, errno, PKG_ROOT);
	hide_outputs(x, rootfd);
	clock_gettime(CLOCK_MONOTONIC, &from);
	pid = fork();
	if (pid < 0)
		return err_set(e, errno, "fork");
	if (pid == 0)
		start(x);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	clock_gettime(CLOCK_MONOTONIC, &to);
	for (size_t i = 0; i < x->file.n; i++)
		look(x, rootfd, i, out);
	take_missing(st.st_size, out);
	take_net(out);
	str_addf(out, "s %d %lld\n", status, (long long)(to.tv_sec - from.tv_sec));
	return 0;
}

static _Noreturn void
child(const struct isolate *x, int to)
{
	struct err e = ERR_INIT;
	struct str out = STR_INIT;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (run_inside(x, &out, &e) < 0) {
		str_clear(&out);
		str_addf(&out, "!%s", e.text.s);
	}
	_exit(fd_write_all(to, out.s, out.len) < 0 ? 1 : 0);
}

/* ---- the report ---- */

static void
parse_file(struct isolate *x, const char *line)
{
	struct isolate_file f = { .text = STR_INIT };
	size_t i;

	if (sscanf(line, "f %zu %c %" SCNu64 " %64s", &i, &f.kind, &f.size, f.sha256) <
		    3 ||
	    i >= x->file.n)
		return;
	f.path = x->file.v[i].path;
	x->file.v[i] = f;
}

/* So many bytes behind a line; returns how many. */
static size_t
parse_bytes(struct str *to, const char *from, size_t n, size_t most)
{
	if (n > most)
		return 0;
	str_addn(to, from, n);
	return n;
}

static int
parse(struct isolate *x, const struct str *r, struct err *e)
{
	bool ended = false;
	size_t n, f;

	if (r->len && r->s[0] == '!')
		return err_set(e, 0, "%s", r->s + 1);
	for (size_t i = 0; i < r->len;) {
		const char *line = r->s + i;

		i += strcspn(line, "\n") + 1;
		if (i > r->len)
			break;
		if (*line == 'f')
			parse_file(x, line);
		else if (sscanf(line, "m %zu", &n) == 1)
			i += parse_bytes(&x->missing, r->s + i, n, r->len - i);
		else if (sscanf(line, "c %zu %zu", &f, &n) == 2 && f < x->file.n)
			i += parse_bytes(&x->file.v[f].text, r->s + i, n, r->len - i);
		else if (sscanf(line, "s %d %" SCNd64, &x->status, &x->seconds) == 2)
			ended = true;
		else
			sscanf(line, "n %" SCNu64 " %" SCNu64 " %" SCNu64, &x->net.routes,
			       &x->net.datagrams, &x->net.connections);
	}
	return ended ? 0 : err_set(e, 0, "the run ended without a report");
}

int
isolate_run(struct isolate *x, struct err *e)
{
	AUTO(str_fini) struct str report = STR_INIT;
	int end[2], r;
	pid_t pid;

	if (pipe2(end, O_CLOEXEC) < 0)
		return err_set(e, errno, "pipe");
	pid = fork();
	if (pid == 0) {
		close(end[0]);
		child(x, end[1]);
	}
	close(end[1]);
	r = pid < 0 ? -errno : fd_read_all(end[0], &report);
	close(end[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return r < 0 ? err_set(e, -r, "run the package apart") : parse(x, &report, e);
}
