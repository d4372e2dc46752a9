/* The smallest tracer: prints each path event.  Made of base, path and trace alone. */
#include <stdio.h>

#include "base/log.h"
#include "trace/decode.h"
#include "trace/loop.h"

static void
on_new(void *ctx, struct proc *p, struct proc *parent, enum birth how)
{
	fprintf(stderr, "%d new, kind %d\n", p->tid, how);
}

static enum resume
on_enter(void *ctx, struct proc *p)
{
	struct decode *d = ctx;
	AUTO(str_fini) struct str text = STR_INIT;

	if (!p->row)
		fprintf(stderr, "%d unknown call %llu\n", p->tid,
			(unsigned long long)p->sys.nr);
	for (int i = 0; i < decode_paths(p, d); i++) {
		str_clear(&text);
		path_event_text(p, &d->ev[i], &text);
		fprintf(stderr, "%d %s\n", p->tid, text.s);
	}
	return RESUME_RUN;
}

static void
on_exit_stop(void *ctx, struct proc *p)
{
}

static void
on_exec(void *ctx, struct proc *p)
{
	fprintf(stderr, "%d exec\n", p->tid);
}

static void
on_gone(void *ctx, struct proc *p, int status)
{
	fprintf(stderr, "%d gone, status %x\n", p->tid, status);
}

int
main(int argc, char **argv, char **envp)
{
	static const struct trace_ops ops = { .on_new = on_new,
					      .on_enter = on_enter,
					      .on_exit = on_exit_stop,
					      .on_exec = on_exec,
					      .on_gone = on_gone };
	char kind = argc > 2 ? argv[1][0] : 0;
	struct trace_opts opts = { .no_seccomp = kind == 'p',
				   .execution = kind == 'x',
				   .notify = kind == 'n' };
	struct decode d = DECODE_INIT;
	struct err e = ERR_INIT;
	int status;

	log_init("echo", false);
	if (!kind)
		log_die(2, "usage: echo seccomp|ptrace|notify|x PROGRAM [ARG...]");
	struct trace *t = trace_new(&opts, &ops, &d);
	if (trace_start(t, argv[2], argv + 2, envp, &e) < 0 ||
	    trace_run(t, &status, &e) < 0)
		log_die(EXIT_OURS, "%s", e.text.s);
	trace_exit_like(status);
}
