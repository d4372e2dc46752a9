/*
 * What the package takes from this machine.  A library that a rule pins to the host must
 * have the versions of symbols that files of the package were linked against, and may
 * itself ask for more than the package's libraries have: that is how a package breaks
 * whose libc is older than the machine's graphics driver, or the other way round.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "base/map.h"
#include "inspect/db.h"
#include "inspect/doctor_priv.h"
#include "inspect/elf.h"
#include "path/lex.h"

static bool
is_hosts(const struct package *p, const char *path)
{
	return rules_decide(&p->rules, path, strlen(path)).verdict == VERDICT_HOST;
}

/* 0; -1: it is not there, or no ELF file. */
static int
read_host(const char *path, struct abi *a)
{
	AUTO(fd_drop) int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
			       abi_read(a, fd, (uint64_t)st.st_size)
		       ? 0
		       : -1;
}

static int
read_package(struct package *p, const char *path, struct abi *a)
{
	AUTO(err_fini) struct err none = ERR_INIT;
	struct stat st;
	AUTO(fd_drop) int fd = package_file(p, path, true, &st, &none);

	return fd >= 0 && abi_read(a, fd, (uint64_t)st.st_size) ? 0 : -1;
}

/* Files of the package that need a library of this name, against the host's. */
static int
askers(struct doctor *d, const char *host, const struct abi *giver, const char *name)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	AUTO(str_fini) struct str highest = STR_INIT;
	int files = 0, bad = 0, got;

	if (db_prepare(d->p, &s,
		       "SELECT f.path FROM fact x JOIN file f ON f.id = x.file"
		       " WHERE x.key = 'elf.needed' AND x.value = ?1 AND f.state = 0"
		       " ORDER BY f.path",
		       d->e) < 0)
		return -1;
	db_bind_name(s, 1, name, strlen(name));
	while ((got = db_step(d->p, s, d->e)) > 0) {
		AUTO(abi_fini) struct abi a = { 0 };
		size_t len;
		const char *path = db_name(s, 0, &len), *lacks;

		if (!path || !db_is_path(path, len) || is_hosts(d->p, path) ||
		    read_package(d->p, path, &a) < 0)
			continue;
		files++;
		for (size_t i = 0; i < a.need.n; i++)
			if (strcmp(a.need.v[i].file, name) == 0 &&
			    strverscmp(a.need.v[i].version, highest.s) > 0 &&
			    strcmp(a.need.v[i].version, "GLIBC_PRIVATE") != 0)
				str_set(&highest, a.need.v[i].version);
		lacks = abi_lacks(giver, &a, name);
		if (lacks && ++bad)
			doctor_say(d, "library", DOCTOR_FAIL,
				   "%s needs %s of %s, which this machine's %s lacks",
				   path, lacks, name, host);
	}
	if (got == 0 && !bad && files)
		doctor_say(d, "library", DOCTOR_OK,
			   "%s is this machine's; %d files need it%s%s", host, files,
			   highest.len ? ", up to " : "", highest.s);
	return got;
}

/* The package's own library of this name: its path, or "". */
static int
find_own(struct doctor *d, const char *name, struct str *out)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	AUTO(str_fini) struct str like = STR_INIT;
	int got;

	str_clear(out);
	if (strpbrk(name, "*?[/"))
		return 0;
	str_addf(&like, "*/%s", name);
	if (db_prepare(d->p, &s,
		       "SELECT path FROM file WHERE path GLOB ?1 AND state = 0"
		       " AND kind IN ('f', 'l')",
		       d->e) < 0)
		return -1;
	db_bind_name(s, 1, like.s, like.len);
	while ((got = db_step(d->p, s, d->e)) > 0) {
		size_t len;
		const char *path = db_name(s, 0, &len);

		if (!path || !db_is_path(path, len))
			continue;
		if (is_hosts(d->p,
			     path)) { /* then it is not the package's that is used */
			str_clear(out);
			return 0;
		}
		if (!out->len)
			str_set(out, path);
	}
	return got;
}

/* What the host's library asks of the package's. */
static int
gives(struct doctor *d, const char *host, const struct abi *asker)
{
	const char *last = "";

	for (size_t i = 0; i < asker->need.n; i++) {
		const char *name = asker->need.v[i].file, *lacks;
		AUTO(str_fini) struct str own = STR_INIT;
		AUTO(abi_fini) struct abi a = { 0 };

		if (strcmp(name, last) == 0) /* they come by file */
			continue;
		last = name;
		if (find_own(d, name, &own) < 0)
			return -1;
		if (!own.len || read_package(d->p, own.s, &a) < 0)
			continue;
		lacks = abi_lacks(&a, asker, name);
		if (lacks)
			doctor_say(d, "library", DOCTOR_FAIL,
				   "this machine's %s needs %s of %s, which the "
				   "package's %s lacks",
				   host, lacks, name, own.s);
	}
	return 0;
}

static int
library(struct doctor *d, const char *path)
{
	AUTO(abi_fini) struct abi a = { 0 };
	const char *name = path_base(path);
	struct stat st;

	if (stat(path, &st) < 0) {
		doctor_say(d, "library", DOCTOR_FAIL,
			   "%s is taken from this machine, which has none", path);
		return 0;
	}
	if (read_host(path, &a) < 0)
		return 0;
	if (gives(d, path, &a) < 0)
		return -1;
	/* of libc.so.6 -> libc-2.31.so, the name that is asked for */
	return askers(d, path, &a, a.soname ? a.soname : name);
}

/* A link and what it leads to are two rows, and one library. */
static bool
is_new(const char *path, struct map *seen)
{
	AUTO(str_fini) struct str key = STR_INIT;
	struct stat st;

	if (stat(path, &st) < 0)
		return true;
	str_addf(&key, "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	if (map_get(seen, key.s, key.len))
		return false;
	map_put(seen, key.s, key.len);
	return true;
}

int
doctor_libraries(struct doctor *d)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	AUTO(map_fini) struct map seen = { 0 };
	int got;

	if (db_prepare(d->p, &s,
		       "SELECT path FROM file WHERE path GLOB '*.so*' AND kind IN "
		       "('f', 'l') AND state IN (0, 5) ORDER BY path",
		       d->e) < 0)
		return -1;
	while ((got = db_step(d->p, s, d->e)) > 0) {
		size_t len;
		const char *path = db_name(s, 0, &len);

		if (path && db_is_path(path, len) && is_hosts(d->p, path) &&
		    is_new(path, &seen) && library(d, path) < 0)
			return -1;
	}
	return got;
}

/* The highest that a program or loader asks for. */
int
doctor_kernel(struct doctor *d, const char *release)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	AUTO(str_fini) struct str who = STR_INIT;
	uint32_t have[3] = { 0 }, want[3] = { 0 };
	int got;

	if (db_prepare(d->p, &s,
		       "SELECT path FROM file WHERE type IN ('elf-exec', 'elf-so')"
		       " AND state = 0",
		       d->e) < 0)
		return -1;
	while ((got = db_step(d->p, s, d->e)) > 0) {
		AUTO(abi_fini) struct abi a = { 0 };
		size_t len;
		const char *path = db_name(s, 0, &len);
		int more = 0;

		if (!path || !db_is_path(path, len) || is_hosts(d->p, path) ||
		    read_package(d->p, path, &a) < 0 || !a.has_kernel)
			continue;
		for (int i = 0; i < 3 && !more; i++)
			more = a.kernel[i] > want[i] ? 1 : a.kernel[i] < want[i] ? -1 : 0;
		if (more > 0) {
			memcpy(want, a.kernel, sizeof(want));
			str_set(&who, path);
		}
	}
	if (got < 0 || !who.len)
		return got;
	sscanf(release, "%u.%u.%u", &have[0], &have[1], &have[2]);
	for (int i = 0; i < 3; i++)
		if (have[i] != want[i]) {
			got = have[i] < want[i];
			break;
		}
	doctor_say(d, "kernel", got ? DOCTOR_FAIL : DOCTOR_OK,
		   "%s asks for Linux %u.%u.%u", who.s, want[0], want[1], want[2]);
	return 0;
}
