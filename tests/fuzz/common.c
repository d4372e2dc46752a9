#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "fuzz.h"
#include "inspect/pack.h"
#include "path/lex.h"

static char dir[256];
static int dirfd = -1;
static unsigned long inputs, taken;

static void
leave(void)
{
	fs_remove_tree(AT_FDCWD, dir);
}

const char *
fuzz_dir(void)
{
	const char *base = getenv("CDE_FUZZ_DIR");

	if (*dir)
		return dir;
	snprintf(dir, sizeof(dir), "%s/cde-fuzz-XXXXXX", base ? base : "/tmp");
	FUZZ_CHECK(mkdtemp(dir));
	dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	FUZZ_CHECK(dirfd >= 0);
	atexit(leave);
	return dir;
}

void
fuzz_put(const char *name, const void *data, size_t size)
{
	AUTO(str_fini) struct str parent = STR_INIT;
	AUTO(fd_drop) int fd = -1;

	fuzz_dir();
	if (!data) {
		unlinkat(dirfd, name, 0);
		return;
	}
	fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0) {
		str_setn(&parent, name, (size_t)(path_base(name) - name));
		FUZZ_CHECK(fs_mkdirs(dirfd, parent.s) == 0);
		fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	}
	FUZZ_CHECK(fd >= 0 && fd_write_all(fd, data, size) == 0);
}

static void
tell(void)
{
	fprintf(stderr, "fuzz: %lu of %lu accepted\n", taken, inputs);
}

void
fuzz_count(bool accepted)
{
	if (!inputs++)
		atexit(tell);
	taken += accepted;
}

_Noreturn void
fuzz_fail(const char *fact, const char *file, int line)
{
	fprintf(stderr, "%s:%d: this does not hold: %s\n", file, line, fact);
	abort();
}
