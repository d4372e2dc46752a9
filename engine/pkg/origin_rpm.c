/*
 * rpm's database has had three formats; its own tool reads all of them.  One call for
 * everything that is installed, only where there is a database.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pkg/origin_priv.h"

extern char **environ;

static bool
has_database(const struct origin *o)
{
	return faccessat(o->rootfd, "var/lib/rpm/Packages", F_OK, 0) == 0 ||
	       faccessat(o->rootfd, "var/lib/rpm/rpmdb.sqlite", F_OK, 0) == 0 ||
	       faccessat(o->rootfd, "usr/lib/sysimage/rpm/rpmdb.sqlite", F_OK, 0) == 0 ||
	       faccessat(o->rootfd, "var/lib/rpm/Packages.db", F_OK, 0) == 0;
}

/* "NAME\tEVR\tALGO\tDIGEST\tFILE"; files of a package follow each other. */
static char format[] =
	"[%{=NAME}.%{=ARCH}\\t%{=EVR}\\t%{=FILEDIGESTALGO}\\t%{FILEDIGESTS}"
	"\\t%{FILENAMES}\\n]";

static void
rpm_line(struct origin_reader *r, struct str *name, struct str *version, char *line)
{
	char *field[5];
	struct owner *x;

	line[strcspn(line, "\n")] = '\0';
	for (int i = 0; i < 5; i++) {
		field[i] = line;
		if (i < 4 && !(line = strchr(line, '\t')))
			return;
		if (i < 4)
			*line++ = '\0';
	}
	if (strcmp(field[0], name->s) != 0 || strcmp(field[1], version->s) != 0) {
		str_set(name, field[0]);
		str_set(version, field[1]);
		r->number = 0;
	}
	r->name = name->s;
	r->version = version->s;
	x = origin_own(r, field[4]);
	if (x && field[3][0]) /* 8: SHA-256; older databases have MD5 */
		origin_sum_hex(x, strcmp(field[2], "8") == 0 ? "sha256" : "md5",
			       field[3]);
}

pid_t
origin_start_rpm(char *const *argv, int to)
{
	posix_spawn_file_actions_t act;
	pid_t pid;
	int r;

	if (posix_spawn_file_actions_init(&act))
		return -1;
	posix_spawn_file_actions_addopen(&act, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&act, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&act, to, STDOUT_FILENO);
	r = posix_spawnp(&pid, "rpm", &act, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&act);
	return r ? -1 : pid;
}

static pid_t
list_all(const struct origin *o, int to)
{
	char name[] = "rpm", root[] = "--root", all[] = "-qa", qf[] = "--queryformat";
	char *argv[] = { name, root, o->root, all, qf, format, NULL };

	return origin_start_rpm(argv, to);
}

int
origin_load_rpm(struct origin *o, struct err *e)
{
	AUTO(str_fini) struct str name = STR_INIT, version = STR_INIT;
	AUTO(mem_free) char *line = NULL;
	struct origin_reader r = { .o = o, .class = ORIGIN_PACKAGE };
	int end[2], status;
	size_t room = 0;
	FILE *in;
	pid_t pid;

	if (!has_database(o))
		return 0;
	if (pipe2(end, O_CLOEXEC) < 0)
		return err_set(e, errno, "pipe");
	pid = list_all(o, end[1]);
	close(end[1]);
	in = pid < 0 ? NULL : fdopen(end[0], "r");
	if (!in)
		close(end[0]);
	while (in && getline(&line, &room, in) > 0)
		rpm_line(&r, &name, &version, line);
	if (in)
		fclose(in);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return 0;
}
