/*
 * Nearly everything is known at entry: the tracer looks at the object itself,
 * with the program's own rights, before the program does.  The end of a call is
 * asked for only where a name may appear, move or go, because then success
 * decides whether later uses of that name are uses of an output.
 */
#include "capture/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "capture/start.h"
#include "path/lex.h"
#include "trace/seccomp.h"

static unsigned
access_of(enum effect how)
{
	switch (how) {
	case EFF_READ:
		return ACCESS_READ;
	case EFF_LIST:
		return ACCESS_LIST;
	case EFF_EXEC:
		return ACCESS_EXEC;
	case EFF_WRITE:
	case EFF_TRUNC:
	case EFF_MODIFY:
	case EFF_CREATE:
	case EFF_DELETE:
	case EFF_RENAME_FROM:
	case EFF_RENAME_TO:
		return ACCESS_WRITE;
	case EFF_LINK_FROM:
	case EFF_NONE:
	case EFF_OPEN:
	case EFF_STAT:
	case EFF_CHDIR:
	case EFF_CONNECT:
	case EFF_MOUNT:
		break;
	}
	return ACCESS_STAT;
}

static void
access_add(struct capture *c, struct node *n, unsigned kinds, const char *call)
{
	struct image *x = c->task->image;
	unsigned fresh = image_access(x, n, kinds);

	if (!fresh || x->id == 0)
		return;
	if (n->flags & NODE_ROW) {
		manifest_access(c->record->manifest, n->path, x->id, fresh, call);
	} else if (n->flags & NODE_MADE) {
		struct late it = { n, x->id, fresh, call };

		vec_push(&c->late, it);
	}
}

static void
on_hop(void *ctx, const struct str *abs, const struct str *text)
{
	struct capture *c = ctx;
	struct node *n = c->record->view.last;

	if (!n || n->len != abs->len)
		return; /* of /proc */
	record_object(c->record, n, EFF_STAT);
	access_add(c, n, ACCESS_LINK, c->record->view.proc->row->name);
}

static void
program_add(void *ctx, struct node *n)
{
	struct task *t = ctx;

	vec_push(&t->program, n);
}

static bool
makes_name(const struct path_event *ev)
{
	return ev->effect == EFF_CREATE || ev->effect == EFF_RENAME_TO ||
	       ev->oflags & O_CREAT;
}

static bool
moves_name(enum effect how)
{
	return how == EFF_DELETE || how == EFF_RENAME_FROM || how == EFF_RENAME_TO;
}

static enum resume
pend(struct capture *c, const struct str *path, enum effect how, struct node *n)
{
	call_add(c->record, &c->task->call, path, how, n);
	return RESUME_EXIT;
}

static enum resume
on_missing(struct capture *c, const struct proc *p, const struct path_event *ev,
	   int error)
{
	const struct str *path = &c->walk.abs;

	if (error == ENOENT && c->walk.kind == FSV_MISSING && makes_name(ev))
		return pend(c, path, ev->effect, NULL);
	if (!record_ignores(c->record, path->s, path->len) && path->s[0] == '/')
		misses_add(&c->misses, path, p->row->name, error, c->task->image->id);
	return RESUME_RUN;
}

/* Is it known what starts with n?  Else the name of that may be relative. */
static bool
is_known_program(const struct node *n)
{
	while (n && n->flags & NODE_STARTED)
		n = n->loader;
	return !n;
}

static void
on_program(struct capture *c, struct proc *p, struct node *n)
{
	AUTO(str_fini) struct str cwd = STR_INIT;

	if (is_known_program(n) || proc_base(p, AT_FDCWD, &cwd) < 0)
		str_set(&cwd, "/");
	c->task->exec_call = p->row->name;
	record_program(c->record, n, cwd.s, program_add, c->task);
	p->will_fail = !S_ISREG(n->st.st_mode) || !(n->st.st_mode & 0111);
	/* without a loader it may die before anything else is heard of it */
	if (!trace_has_exits(c->trace) && c->task->program.n == 1)
		task_exec_line(p, &c->task->words);
}

static enum resume
on_object(struct capture *c, struct proc *p, const struct path_event *ev, struct node *n)
{
	if (ev->effect == EFF_EXEC) {
		on_program(c, p, n);
		return RESUME_RUN;
	}
	record_object(c->record, n, ev->effect);
	access_add(c, n,
		   n->kind == FSV_DIR && ev->effect == EFF_READ ? ACCESS_LIST
								: access_of(ev->effect),
		   p->row->name);
	if (moves_name(ev->effect))
		return pend(c, &c->walk.abs, ev->effect, n);
	return RESUME_RUN;
}

static enum resume
on_name(struct capture *c, struct proc *p, const struct path_event *ev, const char *name,
	unsigned how)
{
	struct record *r = c->record;
	struct node *n;
	int rc;

	r->view.proc = p;
	r->view.last = NULL;
	rc = path_walk(&r->view.fs, c->base.s, name, how & ~WALK_LEAF, on_hop, c,
		       &c->walk);
	if (rc == -ENOENT || rc == -ENOTDIR || rc == -ELOOP || rc == -EACCES) {
		c->walk.kind = FSV_FILE; /* an inner part: nothing can be made */
		return on_missing(c, p, ev, -rc);
	}
	if (rc < 0 || c->walk.kind == FSV_MAGIC)
		return RESUME_RUN;
	if (c->walk.kind == FSV_MISSING)
		return on_missing(c, p, ev, ENOENT);
	n = r->view.last;
	if (!n || n->len != c->walk.abs.len || n->generation != r->view.generation)
		n = view_look(&r->view, c->walk.abs.s, c->walk.abs.len);
	return n ? on_object(c, p, ev, n) : RESUME_RUN;
}

/* The descriptor itself.  Looking at it or reading needs nothing: it was opened
 * by name before. */
static enum resume
on_descriptor(struct capture *c, struct proc *p, const struct path_event *ev)
{
	AUTO(str_fini) struct str link = STR_INIT, text = STR_INIT;

	if (ev->effect == EFF_STAT || ev->effect == EFF_READ)
		return RESUME_RUN;
	if (ev->dirfd == AT_FDCWD)
		str_addf(&link, "/proc/%d/cwd", (int)p->tid);
	else
		str_addf(&link, "/proc/%d/fd/%d", (int)p->tid, ev->dirfd);
	if (fs_readlink(AT_FDCWD, link.s, &text) < 0 || text.s[0] != '/' ||
	    str_has_suffix(text.s, " (deleted)"))
		return RESUME_RUN;
	str_set(&c->base, "/");
	return on_name(c, p, ev, text.s, ev->walk);
}

/* After a chroot: the name as seen from the new root, which becomes the base. */
static enum resume
on_rooted_name(struct capture *c, struct proc *p, const struct path_event *ev)
{
	AUTO(str_fini) struct str link = STR_INIT, root = STR_INIT, name = STR_INIT;

	str_addf(&link, "/proc/%d/root", p->tid);
	if (fs_readlink(AT_FDCWD, link.s, &root) < 0 || root.len == 1 ||
	    !path_under(c->base.s, root.s))
		return on_name(c, p, ev, ev->name.s, ev->walk);
	str_add(&name, path_rest(c->base.s, root.s));
	str_addf(&name, "/%s", ev->name.s);
	str_swap(&c->base, &root);
	return on_name(c, p, ev, name.s[strspn(name.s, "/")] ? name.s : ".",
		       ev->walk | WALK_IN_ROOT);
}

/* Reads what the tracee's state tells; needs no lock. */
static void
find_bases(const struct proc *p, struct task *t)
{
	for (int i = 0; i < t->decode.n; i++) {
		const struct path_event *ev = &t->decode.ev[i];

		t->base_error[i] = 0;
		if (!ev->fd_itself && (ev->name.s[0] != '/' || ev->walk & WALK_IN_ROOT))
			t->base_error[i] = proc_base(p, ev->dirfd, &t->base[i]);
	}
}

/* Event i of the task at hand. */
static enum resume
on_event(struct capture *c, struct proc *p, int i)
{
	const struct path_event *ev = &c->task->decode.ev[i];
	struct node *dir;

	unnamed_note(&c->unnamed, p, ev);
	if (ev->fd_itself)
		return on_descriptor(c, p, ev);
	if (ev->name.s[0] == '/' && !(ev->walk & WALK_IN_ROOT)) {
		str_set(&c->base, "/");
		if (c->rooted) {
			AUTO(str_fini) struct str link = STR_INIT;

			str_addf(&link, "/proc/%d/root", p->tid);
			fs_readlink(AT_FDCWD, link.s, &c->base);
		}
	} else {
		if (c->task->base_error[i] < 0)
			return RESUME_RUN;
		str_swap(&c->base, &c->task->base[i]);
		dir = view_find(&c->record->view, c->base.s, c->base.len);
		if (!dir || !(dir->flags & (NODE_STORED | NODE_MADE)))
			record_name(c->record, "/", c->base.s, EFF_STAT);
	}
	if (c->rooted && !(ev->walk & WALK_IN_ROOT))
		return on_rooted_name(c, p, ev);
	return on_name(c, p, ev, ev->name.s, ev->walk);
}

static void
unknown_add(struct capture *c, const struct proc *p)
{
	struct unknown it = { p->sys.arch, p->sys.nr, 1 };

	for (size_t i = 0; i < c->unknown.n; i++) {
		struct unknown *u = &c->unknown.v[i];

		if (u->nr == it.nr && u->arch == it.arch) {
			u->count++;
			return;
		}
	}
	if (c->unknown.n < 1000)
		vec_push(&c->unknown, it);
}

/* Note the program of t once. */
static void
program_note(const struct task *t, unsigned flag, struct programs *out)
{
	struct node *n = t->image->program;

	if (!n || n->flags & flag)
		return;
	n->flags |= (uint16_t)flag;
	vec_push(out, n);
}

/* Calls without a name that tell what cannot be kept. */
static void
on_special(struct capture *c, const struct proc *p)
{
	struct record *r = c->record;

	if (p->row->flags & SYS_CAPTURE_ONLY) {
		/* it gets EPERM where we are the tracer already */
		program_note(p->user, NODE_TRACER, &r->tracers);
		return;
	}
	switch (seccomp_wish(p)) {
	case SECCOMP_WISH_NONE:
		break;
	case SECCOMP_WISH_LISTENER:
		program_note(p->user, NODE_LISTENER, &r->listeners);
		break;
	case SECCOMP_WISH_TRACER:
		program_note(p->user, NODE_FILTER, &r->filters);
		break;
	}
}

static bool
is_exchange(const struct proc *p)
{
	return strcmp(p->row->name, "renameat2") == 0 &&
	       (p->sys.arg[4] & RENAME_EXCHANGE);
}

/* The names that decode_paths found.  What a call did before is known now. */
static enum resume
on_names(struct capture *c, struct proc *p, struct task *t)
{
	enum resume answer = RESUME_RUN;
	bool found = false;

	for (int i = 0; i < t->decode.n; i++) {
		enum effect how = t->decode.ev[i].effect;

		if (on_event(c, p, i) == RESUME_EXIT)
			answer = RESUME_EXIT;
		if (how == EFF_EXEC)
			found = t->program.n > 0;
		if (how == EFF_MOUNT) {
			view_forget_all(&c->record->view);
			t->call.mounts = true;
			answer = RESUME_EXIT;
			if (!c->rooted) /* pivot_root acts on other processes, too */
				c->rooted = strcmp(p->row->name, "chroot") == 0 ||
					    strcmp(p->row->name, "pivot_root") == 0;
		}
	}
	if (p->row->operand[0].effect == EFF_EXEC && !found)
		p->will_fail = true;
	t->call.exchange = t->call.n == 2 && is_exchange(p);
	if (answer == RESUME_EXIT && !trace_has_exits(c->trace))
		call_open(c->record, &t->call);
	return answer;
}

static enum resume
on_enter(void *ctx, struct proc *p)
{
	struct capture *c = ctx;
	enum resume answer = RESUME_RUN;
	struct task *t = p->user;
	int r = p->row ? decode_paths(p, &t->decode) : 0;

	if (r > 0)
		find_bases(p, t);
	pthread_mutex_lock(&c->lock);
	call_over(c->record, &t->call);
	call_begin(&t->call);
	if (c->record->mounting)
		view_forget_all(&c->record->view);
	c->task = t;
	t->program.n = 0;
	if (r > 0) {
		answer = on_names(c, p, t);
	} else if (!p->row) {
		if ((int)p->sys.nr != -1) /* -1 is "no call" */
			unknown_add(c, p);
	} else if (r == -EPERM) {
		program_note(t, NODE_PROTECTED, &c->record->guarded);
	} else if (p->row->flags & (SYS_CAPTURE_ONLY | SYS_NOTIFY_ONLY)) {
		on_special(c, p);
	}
	pthread_mutex_unlock(&c->lock);
	return answer;
}

static void
on_exit_stop(void *ctx, struct proc *p)
{
	struct capture *c = ctx;
	struct task *t = p->user;

	call_end(c->record, &t->call, p->sys.ret >= 0 || p->sys.ret < -4095);
}

static void
on_new(void *ctx, struct proc *p, struct proc *parent, enum birth how)
{
	struct capture *c = ctx;
	const struct task *t = parent ? parent->user : NULL;

	pthread_mutex_lock(&c->lock);
	p->user = task_new(&c->spare, t ? t->image : NULL);
	pthread_mutex_unlock(&c->lock);
}

/* What runs in p now; of one that died already, what it asked for.  False: nothing new. */
static bool
describe_program(const struct proc *p, const struct task *t, struct str *exe,
		 struct str *words)
{
	AUTO(str_fini) struct str name = STR_INIT;

	str_addf(&name, "/proc/%d/exe", (int)p->tid);
	if (p->state != PROC_DEAD && fs_readlink(AT_FDCWD, name.s, exe) == 0) {
		task_command_line(p->tid, words);
		return true;
	}
	if (!program_may_be_silent(t->program.v, t->program.n))
		return false;
	str_set(exe, t->program.v[t->program.n - 1]->path);
	if (t->program.n > 1) /* the loader is none, unless it was called as such */
		str_set(exe, t->program.v[t->program.n - 2]->path);
	str_set(words, t->words.len ? t->words.s : exe->s);
	return true;
}

static void
on_exec(void *ctx, struct proc *p)
{
	struct capture *c = ctx;
	struct task *t = p->user;
	AUTO(str_fini) struct str exe = STR_INIT, words = STR_INIT;

	if (!describe_program(p, t, &exe, &words))
		return;
	pthread_mutex_lock(&c->lock);
	int64_t id = manifest_process(c->record->manifest, t->image->id, p->tid, exe.s,
				      words.s);

	image_drop(t->image);
	t->image = image_new(id);
	t->image->program = view_node(&c->record->view, exe.s, exe.len);
	c->task = t;
	for (size_t i = 0; i < t->program.n; i++)
		access_add(c, t->program.v[i], ACCESS_EXEC, t->exec_call);
	t->program.n = 0;
	pthread_mutex_unlock(&c->lock);
}

static void
on_gone(void *ctx, struct proc *p, int status)
{
	struct capture *c = ctx;
	struct task *t = p->user;

	pthread_mutex_lock(&c->lock);
	if (t)
		call_over(c->record, &t->call);
	task_drop(&c->spare, t);
	p->user = NULL;
	pthread_mutex_unlock(&c->lock);
}

static void
on_start(void *ctx)
{
	struct capture *c = ctx;

	start_record(c->record, c->cwd, getenv("PATH"), c->program);
}

/* The rows go to the disk while nobody waits for it. */
static void
on_rest(void *ctx)
{
	struct capture *c = ctx;

	manifest_flush_idle(c->record->manifest);
}

const struct trace_ops capture_ops = {
	.on_new = on_new,
	.on_enter = on_enter,
	.on_exit = on_exit_stop,
	.on_exec = on_exec,
	.on_gone = on_gone,
	.on_start = on_start,
	.on_rest = on_rest,
};

void
capture_init(struct capture *c, struct record *r)
{
	*c = (struct capture){
		.record = r,
		.walk = WALK_INIT,
		.base = STR_INIT,
	};
	pthread_mutex_init(&c->lock, NULL);
}

void
capture_fini(struct capture *c)
{
	misses_fini(&c->misses);
	task_fini_all(&c->spare);
	pthread_mutex_destroy(&c->lock);
	walk_fini(&c->walk);
	str_fini(&c->base);
	vec_fini(&c->unknown);
	vec_fini(&c->late);
}

void
unknown_describe(const struct unknown *u, struct str *out)
{
	str_addf(out, "system call %llu (%s)", (unsigned long long)u->nr,
		 u->arch == ARCH_I386 ? "i386" : "x86_64");
}

void
capture_save(struct capture *c)
{
	struct manifest *m = c->record->manifest;
	AUTO(str_fini) struct str text = STR_INIT;

	for (size_t i = 0; i < c->late.n; i++) {
		const struct late *x = &c->late.v[i];

		if (x->node->flags & NODE_ROW)
			manifest_access(m, x->node->path, x->process, x->kinds, x->call);
	}
	misses_save(&c->misses, m);
	for (size_t i = 0; i < c->unknown.n; i++) {
		str_clear(&text);
		unknown_describe(&c->unknown.v[i], &text);
		manifest_note(m, text.s, c->unknown.v[i].count);
	}
}
