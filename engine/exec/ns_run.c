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
say_plan(const struct plan *p, const struct ns *x)
{
	log_error("engine namespace, sandbox mode%s",
		  x->guard == NS_WATCHED ? "; opens are watched for placeholders" : "");
	if (x->layer)
		log_error("  overlay of %s over the package", x->layer->upper.s);
	for (size_t i = 0; i < p->step.n; i++) {
		AUTO(str_fini) struct str text = STR_INIT;

		plan_describe(&p->step.v[i], &text);
		log_error("  %s", text.s);
	}
	for (size_t i = 0; x->guard == NS_MASKED && i < x->listed->name.n; i++) {
		AUTO(str_fini) struct str text = STR_INIT;

		str_add_escaped(&text, x->listed->name.v[i]);
		log_error("  cover the placeholder %s", text.s);
	}
	for (size_t i = 0; i < p->note.n; i++)
		log_error("  note: %s", p->note.v[i]);
	if (x->no_masks)
		log_error("  note: placeholders cannot be covered: %s", x->no_masks);
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
	AUTO(listed_fini) struct listed listed = { 0 };
	struct ns ns = { .plan = &plan,
			 .pkg = c->pkg,
			 .rules = c->rules,
			 .cwd = c->cwd,
			 .listed = &listed,
			 .allow_io_uring = c->allow_io_uring,
			 .lock = c->lock,
			 .who = c->who,
			 .layer = c->layer };
	AUTO(ns_view_fini) struct ns_view both = NS_VIEW_INIT(c->pkg, c->who);
	struct plan_view view = ns_view_of(&both);
	const char *also[3];
	int error;

	both.layered = c->layer;
	x_authority(c->env, &home, also);
	plan_make(&plan, c->rules, &view, also);
	if (plan.reason)
		return err_set(e, 0, "%s", plan.reason);
	listed_find(c->pkg, c->rules, NS_MASKS_MOST, &listed);
	ns.guard = listed.many ? NS_WATCHED : listed.name.n ? NS_MASKED : NS_UNGUARDED;
	if (ns.guard != NS_UNGUARDED && !ns_can_watch())
		return err_set(e, 0, "placeholders cannot be watched on this kernel");
	if (ns_enter(&ns, e) < 0)
		return -1;
	if (c->say)
		say_plan(&plan, &ns);
	error = execute(c);
	log_die(error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE, "%s: %s",
		c->argv[0], strerror(error));
}
