#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "exec/session.h"
#include "exec/store.h"
#include "path/lex.h"

void
session_init(struct session *s, struct layout *pkg, struct rules *rules, bool seamless)
{
	*s = (struct session){
		.d = DECODE_INIT,
		.base = STR_INIT,
		.to = STR_INIT,
		.text = STR_INIT,
		.direct_name = STR_INIT,
		.missing = { .rules = rules },
		.look = { .walk = WALK_INIT, .exe_of = session_exe },
	};
	world_init(&s->world, pkg, rules, seamless);
	s->look.w = &s->world;
	s->look.ctx = s;
}

void
session_fini(struct session *s)
{
	for (struct map_slot *x = NULL; (x = map_next(&s->alias, x));)
		free(x->p);
	for (struct map_slot *x = NULL; (x = map_next(&s->dirfd, x));)
		close((int)x->u);
	map_fini(&s->alias);
	map_fini(&s->dirfd);
	listings_fini(s);
	for (int a = 0; a < ARCH_COUNT; a++)
		map_fini(&s->lacks[a]);
	missing_fini(&s->missing);
	look_fini(&s->look);
	decode_fini(&s->d);
	str_fini(&s->base);
	str_fini(&s->to);
	str_fini(&s->text);
	str_fini(&s->direct_name);
	world_fini(&s->world);
}

struct program *
program_new(const char *exe, const struct rule_process *native)
{
	struct program *i = mem_alloc(sizeof(*i));

	*i = (struct program){ .refs = 1, .exe = mem_strdup(exe), .native = native };
	return i;
}

struct program *
program_ref(struct program *i)
{
	if (i)
		i->refs++;
	return i;
}

void
program_unref(struct program *i)
{
	if (!i || --i->refs)
		return;
	free(i->exe);
	free(i);
}

const char *
session_exe(void *session, pid_t pid)
{
	struct session *s = session;
	struct proc *p = trace_find(s->trace, pid);

	const struct program *i = p ? tracee_of(p)->program : NULL;

	return i && !i->host ? i->exe : NULL;
}

/* Inside of a chroot (which the kernel does not know of): all is below root. */
static int
look_below(struct session *s, const char *root, const char *base, const char *name,
	   unsigned how)
{
	AUTO(str_fini) struct str below = STR_INIT;
	bool absolute = name[0] == '/';
	int r;

	if (!absolute && !path_under(base, root))
		return look_up(&s->look, base, name, how); /* its cwd is outside */
	if (!absolute)
		str_set(&below, path_rest(base, root));
	str_addc(&below, '/');
	str_add(&below, name);
	r = look_up(&s->look, root, below.s[strspn(below.s, "/")] ? below.s : ".",
		    how | WALK_IN_ROOT);
	s->look.faked |= absolute;
	return r;
}

int
session_look_at(struct session *s, struct proc *p, int dirfd, const char *name,
		unsigned how, bool *base_moved)
{
	const char *base = "/", *given = name, *root = tracee_of(p)->root.s;
	int r;

	s->look.p = p;
	*base_moved = false;
	if (name[0] == '/' && !(how & WALK_IN_ROOT)) {
		name = world_virtual(&s->world, name);
		*base_moved = name != given;
	} else {
		r = proc_base(p, dirfd, &s->base);
		if (r < 0)
			return 1;
		base = world_virtual(&s->world, s->base.s);
		*base_moved = base != s->base.s;
	}
	if (root[0] && !(how & WALK_IN_ROOT))
		r = look_below(s, root, base, name, how);
	else
		r = look_up(&s->look, base, name, how);
	/* from a directory too deep to be named: only a relative name gets there */
	return r == -ENAMETOOLONG && name[0] != '/' ? 1 : r;
}

int
session_look(struct session *s, struct proc *p, const struct path_event *ev, unsigned how,
	     bool *base_moved)
{
	int r;

	s->look.writes = effect_writes(ev->effect) || ev->effect == EFF_LINK_FROM;
	r = session_look_at(s, p, ev->dirfd, ev->name.s, how, base_moved);
	s->look.writes = false;
	return r;
}

static void
on_new(void *ctx, struct proc *p, struct proc *parent, enum birth how)
{
	/* Of cde-exec itself: the child has a copy of it, at the same address. */
	static char first_scratch[256 << 10];
	struct tracee *t = mem_alloc(sizeof(*t));

	p->user = t;
	str_init(&t->execfn);
	str_init(&t->root);
	t->held = -1;
	if (parent) {
		str_set(&t->root, tracee_of(parent)->root.s);
		t->scratch = scratch_ref(tracee_of(parent)->scratch);
		t->program = program_ref(tracee_of(parent)->program);
	} else {
		taddr at = (taddr)(uintptr_t)first_scratch;

		t->scratch = scratch_new(at, at + sizeof(first_scratch));
	}
	for (size_t i = 0; i < ARRAY_SIZE(t->settle); i++)
		str_init(&t->settle[i].abs);
}

static bool
is_hosts(struct proc *p)
{
	const struct program *i = tracee_of(p)->program;

	return i && i->host;
}

/* A program of this machine is let run as it likes, unless changes are held back. */
static bool
is_free(const struct session *s, struct proc *p)
{
	return is_hosts(p) && !s->world.layer[SIDE_HOST].dir.len;
}

/* All that belonged to one call. */
static void
end_call(struct session *s, struct proc *p)
{
	struct tracee *t = tracee_of(p);

	change_settle(s, t);
	if (t->scratch)
		scratch_release(t->scratch, p->tid);
	if (t->held >= 0)
		close(t->held);
	t->held = -1;
	program_unref(t->next);
	t->next = NULL;
}

static void
on_gone(void *ctx, struct proc *p, int status)
{
	struct tracee *t = tracee_of(p);

	end_call(ctx, p);
	for (size_t i = 0; i < ARRAY_SIZE(t->settle); i++)
		str_fini(&t->settle[i].abs);
	scratch_unref(t->scratch);
	program_unref(t->program);
	str_fini(&t->execfn);
	str_fini(&t->root);
	free(t);
}

static void
on_exec(void *ctx, struct proc *p)
{
	struct tracee *t = tracee_of(p);
	struct program *next = t->next;

	t->next = NULL;
	end_call(ctx, p);
	if (next) {
		program_unref(t->program);
		t->program = next;
	}
	scratch_unref(t->scratch);
	t->scratch =
		is_free(ctx, p)
			? NULL
			: scratch_at_exec(p, next && !is_hosts(p) ? t->execfn.s : NULL);
}

/* The name goes away or becomes another object. */
static enum resume
forget(struct session *s, enum effect effect)
{
	struct world *w = &s->world;
	const struct str *abs = &s->look.walk.abs;

	if (effect == EFF_MOUNT) {
		world_forget_all(w);
		return RESUME_EXIT; /* and once more when it is done */
	}
	if (effect != EFF_DELETE && effect != EFF_RENAME_FROM && effect != EFF_RENAME_TO)
		return RESUME_RUN;
	return world_forget(w, abs) ? RESUME_EXIT : RESUME_RUN;
}

static bool
may_chroot(const struct proc *p)
{
	enum { CAP_SYS_CHROOT_BIT = 18 };
	AUTO(str_fini) struct str name = STR_INIT, text = STR_INIT;
	const char *caps;

	str_addf(&name, "/proc/%d/status", p->tid);
	if (fs_slurp(AT_FDCWD, name.s, &text, NULL) < 0)
		return false;
	caps = strstr(text.s, "CapEff:");
	return caps &&
	       strtoull(caps + strlen("CapEff:"), NULL, 16) >> CAP_SYS_CHROOT_BIT & 1;
}

/*
 * chroot(2) is not done: below the new root our real names would mean nothing.
 * The walk starts there instead (PTRACE.md 46).  true: answered.
 */
static bool
enter_chroot(struct session *s, struct proc *p, const struct path_event *ev)
{
	bool moved;

	if (strcmp(p->row->name, "chroot") || !may_chroot(p) ||
	    session_look(s, p, ev, ev->walk, &moved) != 0 || s->look.walk.kind != FSV_DIR)
		return false;
	str_set(&tracee_of(p)->root, s->look.walk.abs.s);
	if (s->look.walk.abs.len == 1)
		str_clear(&tracee_of(p)->root);
	proc_skip(p, 0);
	return true;
}

static enum resume
enter_event(struct session *s, struct proc *p, struct path_event *ev)
{
	enum resume r;

	if (ev->operand->kind == OP_MMSGHDR)
		return redirect_messages(s, p);
	if (ev->operand->kind != OP_PATH)
		return redirect_address(s, p, ev);
	if (ev->effect == EFF_EXEC)
		return redirect_exec(s, p, ev);
	if (ev->effect == EFF_MOUNT && enter_chroot(s, p, ev))
		return RESUME_RUN;
	r = redirect_path(s, p, ev);
	return forget(s, ev->effect) == RESUME_EXIT ? RESUME_EXIT : r;
}

/* Package and host are two file systems for those who move or link a name. */
static bool
is_across(const struct path_event *from, const int side[static 2])
{
	return (from->effect == EFF_RENAME_FROM || from->effect == EFF_LINK_FROM) &&
	       side[0] >= 0 && side[1] >= 0 && side[0] != side[1];
}

static void
say_guarded(struct session *s, const struct proc *p)
{
	AUTO(str_fini) struct str name = STR_INIT;
	const char *exe = session_exe(s, p->tgid);

	if (s->guarded_said)
		return;
	s->guarded_said = true;
	str_add_escaped(&name, exe ? exe : "a program");
	log_error("%s does not let others read its memory: the files that it asks for "
		  "now are this machine's (--engine namespace needs not read it)",
		  name.s);
}

static enum resume
enter_call(struct session *s, struct proc *p)
{
	enum resume answer = RESUME_RUN;
	int r;
	int side[2] = { -1, -1 };

	if (p->row->operand[0].kind == OP_NONE) {
		if (p->row->flags & SYS_RESULT_ADDR)
			return socket_results_wanted(s, p);
		if (p->row->flags & SYS_INDIRECT)
			return redirect_socketcall(s, p);
		if (p->row->flags & SYS_LISTING)
			return listing_wanted(s, p);
		if (p->row->flags & SYS_CHANGES)
			change_descriptor(s, p);
		else
			answer_getcwd(s, p);
		return RESUME_RUN;
	}
	if (s->no_network && socket_cut(s, p) < 0) {
		proc_skip(p, socket_cut(s, p));
		return RESUME_RUN;
	}
	r = decode_paths(p, &s->d);
	if (r < 0) {
		if (r == -EPERM)
			say_guarded(s, p);
		return RESUME_RUN;
	}
	for (int i = 0; i < s->d.n && !(p->dirty & REGS_NR); i++) {
		s->side = -1;
		unnamed_note(&s->unnamed, p, &s->d.ev[i]);
		if (enter_event(s, p, &s->d.ev[i]) == RESUME_EXIT)
			answer = RESUME_EXIT;
		side[i] = s->side;
	}
	if (!(p->dirty & REGS_NR) && is_across(&s->d.ev[0], side))
		proc_skip(p, -EXDEV);
	return answer;
}

static enum resume
on_enter(void *ctx, struct proc *p)
{
	struct session *s = ctx;
	enum resume answer;

	if (is_free(s, p))
		return RESUME_RUN;
	s->world.host_view = is_hosts(p);
	if (!p->row) {
		proc_skip(p, -ENOSYS);
		return RESUME_RUN;
	}
	answer = enter_call(s, p);
	if (p->dirty & REGS_NR)
		answer = RESUME_RUN;
	else if (p->patched || tracee_of(p)->settles)
		answer = RESUME_EXIT;
	if (answer == RESUME_RUN)
		end_call(s, p);
	return answer;
}

static void
on_exit_stop(void *ctx, struct proc *p)
{
	struct session *s = ctx;
	struct tracee *t = tracee_of(p);

	s->world.host_view = is_hosts(p);
	if (p->row && (p->row->flags & SYS_TOPOLOGY))
		world_forget_all(&s->world);
	if (p->row && (p->row->flags & SYS_LISTING))
		listing_results(s, p);
	if (t->room && (p->row->flags & SYS_RESULT_ADDR))
		socket_results(s, p);
	else if (t->room)
		socketcall_results(s, p);
	if (t->copied)
		socket_messages_sent(p);
	t->room = t->copied = 0;
	end_call(s, p);
}

static enum notice
on_notice(void *ctx, struct proc *p, int *fd)
{
	struct session *s = ctx;
	enum resume wanted;
	enum notice answer;

	if (is_free(s, p))
		return direct_pass(p);
	s->look.walk.kind = FSV_MAGIC; /* as long as nothing was looked at */
	s->direct = true;
	wanted = on_enter(ctx, p);
	s->direct = false;
	answer = direct_call(s, p, wanted, fd);
	end_call(s, p);
	return answer;
}

const struct trace_ops session_ops = {
	.on_new = on_new,
	.on_enter = on_enter,
	.on_exit = on_exit_stop,
	.on_exec = on_exec,
	.on_gone = on_gone,
	.on_notice = on_notice,
};
