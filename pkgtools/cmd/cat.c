/* cat: the content of files of the package, as it is. */
#include <errno.h>
#include <unistd.h>

#include "base/fs.h"
#include "cmd/cmd.h"

static int
copy_out(int fd, const char *path, struct err *e)
{
	enum { CHUNK = 1 << 16 };
	AUTO(mem_free) char *buf = mem_alloc(CHUNK);
	int r;

	for (;;) {
		ssize_t n = read(fd, buf, CHUNK);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? err_set(e, errno, "%s", path) : 0;
		r = fd_write_all(STDOUT_FILENO, buf, (size_t)n);
		if (r < 0)
			return r == -EPIPE ? 1 : err_set(e, -r, "standard output");
	}
}

static int
run(struct call *c, struct err *e)
{
	for (int i = 0; i < c->argc; i++) {
		AUTO(str_fini) struct str path = STR_INIT;
		AUTO(fd_drop) int fd = -1;
		int r;

		package_spell(c->argv[i], &path);
		fd = package_file(&c->package, path.s, true, NULL, e);
		if (fd < 0)
			return -1;
		r = copy_out(fd, path.s, e);
		if (r)
			return r < 0 ? -1 : 0;
	}
	return 0;
}

const struct cmd cmd_cat = {
	.name = "cat",
	.args = "PATH...",
	.brief = "print the content of files of the package",
	.group = CMD_LOOK,
	.min = 1,
	.max = -1,
	.run = run,
};
