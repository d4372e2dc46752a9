/* okapi PATH SRC_PREFIX DST_PREFIX: deep copy of one path; see okapi(1). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/log.h"
#include "base/opt.h"
#include "tree/deepcopy.h"

static const char usage_line[] = "usage: okapi [-hVv] PATH SRC_PREFIX DST_PREFIX";

struct okapi {
	bool help, version;
};

static int
set_help(void *ctx, const char *value, struct err *e)
{
	((struct okapi *)ctx)->help = true;
	return 0;
}

static int
set_version(void *ctx, const char *value, struct err *e)
{
	((struct okapi *)ctx)->version = true;
	return 0;
}

static int
set_verbose(void *ctx, const char *value, struct err *e)
{
	log_set_verbose(true);
	return 0;
}

static const struct opt options[] = {
	{ 'h', "help", NULL, "print this help", set_help },
	{ 'V', "version", NULL, "print the version", set_version },
	{ 'v', "verbose", NULL, "name each object that is in place, on stderr",
	  set_verbose },
	{ 0 },
};

static int
print_help(void)
{
	printf("%s\n"
	       "Copy SRC_PREFIX/PATH to DST_PREFIX/PATH, with the links that lead to "
	       "it.\n"
	       "PATH is absolute; SRC_PREFIX may be empty (this machine's own tree).\n\n",
	       usage_line);
	opt_help(options, stdout);
	return fflush(stdout) == 0 ? 0 : EXIT_OURS;
}

static void
copied(void *ctx, const char *abs, const struct stat *st)
{
	AUTO(str_fini) struct str name = STR_INIT;

	str_add_escaped(&name, abs);
	log_debug("%s", name.s);
}

/* A plain directory takes the place of a package. */
static int
open_destination(struct layout *dst, const char *dir, struct err *e)
{
	AUTO(mem_free) char *real = realpath(dir, NULL);

	if (!real)
		return err_set(e, errno, "destination prefix '%s'", dir);
	str_set(&dst->dir, real);
	str_set(&dst->root, strcmp(real, "/") == 0 ? "" : real);
	dst->dirfd = open(real, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dst->dirfd >= 0)
		dst->rootfd = openat(dst->dirfd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return dst->rootfd < 0 ? err_set(e, errno, "destination prefix '%s'", dir) : 0;
}

/* As deepcopy_path. */
static int
run(char **args, struct err *e)
{
	AUTO(layout_fini) struct layout dst = LAYOUT_INIT;
	AUTO(mem_free) char *src = realpath(*args[1] ? args[1] : "/", NULL);
	struct deepcopy d = { .dst = &dst, .copied = copied };

	if (!src)
		return err_set(e, errno, "source prefix '%s'", args[1]);
	if (open_destination(&dst, args[2], e) < 0)
		return -1;
	d.src = strcmp(src, "/") == 0 ? "" : src;
	return deepcopy_path(&d, args[0], e);
}

int
main(int argc, char **argv)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	struct okapi o = { false };
	int first, r;

	log_init("okapi", false);
	first = opt_parse(options, argc, argv, &o, &e);
	if (first < 0)
		log_die(EXIT_OURS, "%s (%s)", e.text.s, usage_line);
	if (o.help)
		return print_help();
	if (o.version)
		return printf("okapi %s\n", VERSION) > 0 && fflush(stdout) == 0
			       ? 0
			       : EXIT_OURS;
	if (argc - first != 3)
		log_die(EXIT_OURS, "%s", usage_line);
	if (argv[first][0] != '/')
		log_die(EXIT_OURS, "%s: not an absolute path (%s)", argv[first],
			usage_line);
	r = run(argv + first, &e);
	if (r == 1)
		log_error("warning: %s%s: no such file, or its links lead nowhere",
			  argv[first + 1], argv[first]);
	else if (r < 0 && e.code == ENOTSUP)
		log_error("warning: %s", e.text.s);
	else if (r < 0)
		log_die(EXIT_OURS, "%s", e.text.s);
	return 0;
}
