#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "exec/ns.h"
#include "path/lex.h"
#include "tree/script.h"

static void
say_plan(const struct plan *p, bool watch)
{
	log_error("engine namespace, sandbox mode%s",
		  watch ? "; opens are watched for placeholders" : "");
	for (size_t i = 0; i < p->step.n; i++) {
		AUTO(str_fini) struct str text = STR_INIT;

		plan_describe(&p->step.v[i], &text);
		log_error("  %s", text.s);
	}
	for (size_t i = 0; i < p->note.n; i++)
		log_error("  note: %s", p->note.v[i]);
}

/* execvp(3): text that the kernel does not know is a script for sh.  Returns errno. */
static int
execute(const struct ns_command *c)
{
	char **argv = c->argv;
	VEC(char *) words = { 0 };
	int error;

	execve(c->program, argv, c->env->v.v);
	error = errno;
	if (error != ENOEXEC)
		return error;
	AUTO(fd_drop) int fd = open(c->program, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || !script_is_text(fd))
		return error;
	vec_push(&words, argv[0]);
	vec_push(&words, (char *)c->program);
	do
		vec_push(&words, *++argv);
	while (*argv);
	execve("/bin/sh", words.v, c->env->v.v);
	error = errno;
	vec_fini(&words);
	return error;
}

/* Names that the default rule for .Xauthority stands for. */
static void
x_authority(const struct env *env, struct str *home, const char *also[3])
{
	const char *dir = env_get(env, "HOME"), *file = env_get(env, "XAUTHORITY");
	size_t n = 0;

	str_set(home, dir && dir[0] == '/' ? dir : "/");
	path_append(home, ".Xauthority");
	path_clean(home);
	also[n++] = home->s;
	if (file && file[0] == '/')
		also[n++] = file;
	also[n] = NULL;
}

int
ns_run(const struct ns_command *c, struct err *e)
{
	AUTO(str_fini) struct str home = STR_INIT;
	AUTO(plan_fini) struct plan plan = { 0 };
	struct ns ns = { &plan, c->pkg, c->cwd, false, c->allow_io_uring };
	struct plan_view view = ns_view(c->pkg);
	const char *also[3];
	int error;

	x_authority(c->env, &home, also);
	plan_make(&plan, c->rules, &view, also);
	if (plan.reason)
		return err_set(e, 0, "%s", plan.reason);
	ns.watch = ns_has_placeholders(c->pkg, c->rules);
	if (ns.watch && !ns_can_watch())
		return err_set(e, 0, "placeholders cannot be watched on this kernel");
	if (ns_enter(&ns, e) < 0)
		return -1;
	if (c->say)
		say_plan(&plan, ns.watch);
	error = execute(c);
	log_die(error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE, "%s: %s",
		c->argv[0], strerror(error));
}
