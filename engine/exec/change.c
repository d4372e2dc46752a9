/*
 * Copy on write: where a side has an upper tree (layer.h), what a call is about to change is
 * put there first, or the name is marked as gone there; the call then gets the name in
 * upper.  What can only be said when the call has ended is settled by looking: a name
 * that lower has and upper lacks got a whiteout, however the call went.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fs.h"
#include "exec/session.h"
#include "path/lex.h"
#include "trace/peek.h"

/* One name of a call in a side with an upper tree. */
struct change {
	struct session *s;
	struct proc *p;
	const struct path_event *ev;
	struct layer *layer;
	enum side side;
	const char *abs;
	struct layer_look at;
	bool made; /* the name is upper's, whatever can be seen there yet */
};

enum { XATTR_MOST = 64 << 10 };

static struct settle *
settle_later(struct change *c, bool hidden)
{
	struct tracee *t = tracee_of(c->p);
	struct settle *x =
		&t->settle[t->settles < ARRAY_SIZE(t->settle) ? t->settles++ : 0];

	str_set(&x->abs, c->abs);
	x->side = c->side;
	x->hidden = hidden;
	return x;
}

void
change_settle(struct session *s, struct tracee *t)
{
	for (; t->settles; t->settles--) {
		const struct settle *x = &t->settle[t->settles - 1];
		struct layer *l = &s->world.layer[x->side];
		struct layer_look at;

		layer_look(l, x->abs.s, &at);
		if (!at.upper && at.lower && !at.whiteout)
			layer_whiteout(l, x->abs.s);
		if (at.upper && x->hidden && at.lower && S_ISDIR(at.st.st_mode))
			layer_make_opaque(l, x->abs.s);
	}
}

static void
parent_of(const char *abs, struct str *dir)
{
	str_set(dir, abs);
	path_to_parent(dir);
}

/* May the name be removed or replaced? */
static int
may_remove(const struct change *c)
{
	AUTO(str_fini) struct str dir = STR_INIT;
	struct layer_look in;
	int r;

	parent_of(c->abs, &dir);
	r = layer_may_change(c->layer, dir.s);
	if (r < 0)
		return r;
	layer_look(c->layer, dir.s, &in);
	if (c->at.lower && in.lower && !c->layer->owned &&
	    c->at.lower_st.st_dev != in.lower_st.st_dev)
		return -EBUSY; /* something is mounted there */
	if (!(in.st.st_mode & S_ISVTX) || c->layer->owned || geteuid() == 0)
		return 0;
	return c->at.st.st_uid == geteuid() || in.st.st_uid == geteuid() ? 0 : -EPERM;
}

/* The name is made by the call: its directory, and no whiteout. */
static int
make_room(struct change *c)
{
	AUTO(str_fini) struct str dir = STR_INIT;
	bool hidden = c->at.whiteout || (c->at.lower && !layer_shows(&c->at));
	int r;

	parent_of(c->abs, &dir);
	r = layer_may_change(c->layer, dir.s);
	if (r == 0)
		r = layer_dir_up(c->layer, dir.s);
	if (r == 0 && c->at.whiteout)
		r = layer_drop(c->layer, c->abs);
	if (r < 0)
		return r;
	settle_later(c, hidden);
	c->made = true;
	return 0;
}

/* A whole object of lower that is about to change. */
static int
copy_up(struct change *c)
{
	int r;

	if (c->at.upper)
		return 0;
	if (S_ISDIR(c->at.st.st_mode))
		return layer_dir_up(c->layer, c->abs);
	r = layer_copy_up(c->layer, c->abs, &c->at.st);
	return r == -EOPNOTSUPP ? 0 : r; /* FIFOs, sockets, devices: the thing itself */
}

static int
on_write(struct change *c)
{
	unsigned acc = c->ev->oflags & O_ACCMODE;
	bool is_open = c->ev->operand->effect == EFF_OPEN;
	int how = W_OK | (is_open && acc == O_RDWR ? R_OK : 0);

	if (!layer_shows(&c->at))
		return make_room(c);
	if (is_open && (c->ev->oflags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		return 0; /* EEXIST */
	if (is_open && acc == O_RDONLY && !(c->ev->oflags & O_TRUNC))
		return 0;
	if (c->at.upper || !S_ISREG(c->at.st.st_mode) ||
	    layer_may_open(c->layer, c->abs, &c->at.st, how) < 0)
		return 0; /* or the kernel says why not */
	return copy_up(c);
}

/* Owner and mode are the owner's to change, the rest is who may write's. */
static int
on_modify(struct change *c)
{
	const char *call = c->p->row->name;
	const struct stat *st = &c->at.st;
	bool owner = c->layer->owned || geteuid() == 0 || st->st_uid == geteuid();

	if (!owner && (strstr(call, "chmod") || strstr(call, "chown")))
		return 0;
	if (!owner && layer_may_open(c->layer, c->abs, st, W_OK) < 0)
		return 0;
	return copy_up(c);
}

static bool
removes_dir(const struct proc *p)
{
	return strcmp(p->row->name, "rmdir") == 0 ||
	       (strcmp(p->row->name, "unlinkat") == 0 && (p->sys.arg[2] & AT_REMOVEDIR));
}

/* 1: it is done. */
static int
on_delete(struct change *c)
{
	bool is_dir = S_ISDIR(c->at.st.st_mode), wants_dir = removes_dir(c->p);
	int r;

	if (!is_dir && (wants_dir || c->s->look.walk.slash))
		return -ENOTDIR;
	if (is_dir && !wants_dir)
		return -EISDIR;
	r = may_remove(c);
	if (r < 0)
		return r;
	if (is_dir && !layer_is_empty(c->layer, c->abs))
		return -ENOTEMPTY;
	if (!c->at.lower)
		return is_dir ? layer_drop_whiteouts(c->layer, c->abs) : 0;
	r = layer_start(c->layer);
	if (r == 0)
		r = layer_drop(c->layer, c->abs);
	if (r == 0)
		r = layer_whiteout(c->layer, c->abs);
	return r < 0 ? r : 1;
}

static unsigned
rename_flags(const struct proc *p)
{
	return strcmp(p->row->name, "renameat2") == 0 ? (unsigned)p->sys.arg[4] : 0;
}

/* A directory that lower has cannot go elsewhere: programs copy it. */
static int
on_rename_from(struct change *c)
{
	int r = may_remove(c);

	c->s->moves_dir = S_ISDIR(c->at.st.st_mode);
	if (!c->s->moves_dir && c->s->look.walk.slash)
		return -ENOTDIR;
	if (r < 0)
		return r;
	if (c->s->moves_dir)
		return c->at.lower ? -EXDEV : 0;
	r = copy_up(c);
	if (r == 0 && !c->at.upper && !S_ISREG(c->at.st.st_mode) &&
	    !S_ISLNK(c->at.st.st_mode))
		return -EXDEV;
	if (r == 0)
		settle_later(c, false);
	return r;
}

static int
on_rename_to(struct change *c)
{
	bool is_dir = layer_shows(&c->at) && S_ISDIR(c->at.st.st_mode);
	int r;

	const struct tracee *t = tracee_of(c->p);

	if (layer_shows(&c->at) && (rename_flags(c->p) & RENAME_NOREPLACE))
		return -EEXIST;
	if (!c->s->moves_dir && c->s->look.walk.slash)
		return -ENOTDIR;
	if (!layer_shows(&c->at))
		return rename_flags(c->p) & RENAME_EXCHANGE ? -ENOENT : make_room(c);
	if (t->settles && is_dir && path_under(t->settle[0].abs.s, c->abs))
		return -ENOTEMPTY; /* it holds what is to take its place */
	r = may_remove(c);
	if (r < 0)
		return r;
	if (rename_flags(c->p) & RENAME_EXCHANGE)
		return is_dir && c->at.lower ? -EXDEV : copy_up(c);
	if (is_dir != c->s->moves_dir)
		return is_dir ? -EISDIR : -ENOTDIR;
	if (is_dir && !layer_is_empty(c->layer, c->abs))
		return -ENOTEMPTY;
	r = is_dir ? layer_drop_whiteouts(c->layer, c->abs) : 0;
	if (r == 0)
		r = make_room(c);
	if (r == 0 && is_dir && c->at.lower)
		tracee_of(c->p)->settle[tracee_of(c->p)->settles - 1].hidden = true;
	return r;
}

/* Whether a file may be written is asked before that is tried: what is in a package
 * is the user's to write, whoever owns it. */
static int
on_look(struct change *c)
{
	bool is_access = strcmp(c->p->row->name, "access") == 0 ||
			 str_has_prefix(c->p->row->name, "faccessat");
	int arg = c->ev->operand->arg + 1;

	if (!is_access || !c->layer->owned || c->at.upper ||
	    !(c->p->sys.arg[arg] & W_OK) ||
	    layer_may_open(c->layer, c->abs, &c->at.st, W_OK) < 0)
		return 0;
	proc_set_arg(c->p, arg, c->p->sys.arg[arg] & ~(uint64_t)W_OK);
	return 0;
}

static int
make_unnamed(struct change *c)
{
	int r = layer_may_change(c->layer, c->abs);

	if (r == 0)
		r = layer_dir_up(c->layer, c->abs);
	c->made = r == 0;
	return r;
}

static int
link_from(struct change *c)
{
	return S_ISDIR(c->at.st.st_mode) ? -EPERM : copy_up(c);
}

static int
change(struct change *c)
{
	bool shows = layer_shows(&c->at);
	unsigned oflags = c->ev->oflags;
	bool makes = c->ev->effect == EFF_CREATE || c->ev->effect == EFF_RENAME_TO ||
		     ((c->ev->effect == EFF_WRITE || c->ev->effect == EFF_TRUNC) &&
		      (oflags & O_CREAT));

	int error = c->at.whiteout ? -ENOENT : c->at.error;

	if (!shows && (!makes || error != -ENOENT))
		return error;
	if ((oflags & O_TMPFILE) == O_TMPFILE && !(oflags & O_PATH))
		return make_unnamed(c);
	switch (c->ev->effect) {
	case EFF_WRITE:
	case EFF_TRUNC:
		return on_write(c);
	case EFF_CREATE:
		return shows ? 0 : make_room(c);
	case EFF_RENAME_TO:
		return on_rename_to(c);
	case EFF_MODIFY:
		return on_modify(c);
	case EFF_DELETE:
		return on_delete(c);
	case EFF_RENAME_FROM:
		return on_rename_from(c);
	case EFF_LINK_FROM:
		return link_from(c);
	case EFF_STAT:
		return on_look(c);
	case EFF_NONE:
	case EFF_OPEN:
	case EFF_READ:
	case EFF_LIST:
	case EFF_EXEC:
	case EFF_CHDIR:
	case EFF_CONNECT:
	case EFF_MOUNT:
		break;
	}
	return 0;
}

int
change_enter(struct session *s, struct proc *p, const struct path_event *ev)
{
	struct change c = { .s = s, .p = p, .ev = ev, .side = s->look.side };
	int r = 0;

	c.abs = s->look.walk.abs.s;
	if (s->look.walk.kind != FSV_MAGIC)
		c.layer = world_layer(&s->world, c.side, c.abs);
	if (c.layer) {
		layer_look(c.layer, c.abs, &c.at);
		r = change(&c);
	}
	if (r == 1)
		world_forget(&s->world, &s->look.walk.abs);
	s->made = c.made;
	if (c.made)
		layer_name(c.layer, true, c.abs, &s->to);
	else
		world_real(&s->world, c.side, c.abs, &s->to);
	return r;
}

/* What descriptor fd is, if it is an object of a lower tree: its name into s->text. */
static struct layer *
layer_of_descriptor(struct session *s, const struct proc *p, int fd)
{
	AUTO(str_fini) struct str link = STR_INIT, real = STR_INIT;
	struct place at;

	if (fd == AT_FDCWD)
		str_addf(&link, "/proc/%d/cwd", p->tid);
	else
		str_addf(&link, "/proc/%d/fd/%d", p->tid, fd);
	if (fs_readlink(AT_FDCWD, link.s, &real) < 0 || real.s[0] != '/')
		return NULL;
	at = world_place(&s->world, real.s);
	if (at.upper)
		return NULL;
	str_set(&s->text, at.abs);
	return world_layer(&s->world, at.side, s->text.s);
}

/* The object of fd exists in upper, under the name s->to.  1: it does; 0: the call is
 * right as it is, or does nothing; -errno. */
static int
descriptor_up(struct session *s, struct proc *p, int fd)
{
	struct change c = { .s = s, .p = p };
	int r;

	c.layer = layer_of_descriptor(s, p, fd);
	if (!c.layer)
		return 0;
	c.abs = s->text.s;
	layer_look(c.layer, c.abs, &c.at);
	if (c.at.lower && c.at.whiteout)
		proc_skip(p, 0); /* deleted: nobody will see it */
	if (!layer_shows(&c.at))
		return 0; /* a memfd, or long gone */
	if (!c.at.upper && !c.layer->owned && geteuid() != 0 &&
	    c.at.st.st_uid != geteuid())
		return 0; /* the kernel says EPERM */
	r = copy_up(&c);
	if (r < 0)
		return r;
	layer_name(c.layer, true, c.abs, &s->to);
	return 1;
}

/* NULL is for those who change times, "" for those who say so. */
static bool
takes_descriptor(const struct proc *p, const struct path_event *ev)
{
	int flags = ev->operand->flagarg;

	if (!ev->addr)
		return ev->dirfd != AT_FDCWD && (strstr(p->row->name, "utimens") ||
						 strstr(p->row->name, "futimes"));
	/* the kernel's own slip: EBADF for the working directory */
	if (ev->dirfd == AT_FDCWD && strcmp(p->row->name, "removexattrat") == 0)
		return false;
	return flags >= 0 && (p->sys.arg[flags] & AT_EMPTY_PATH);
}

/* A call about a descriptor, where a name could be given as well. */
int
change_named(struct session *s, struct proc *p, const struct path_event *ev)
{
	int r;

	if (!takes_descriptor(p, ev))
		return 0; /* the kernel says why not */
	if (ev->effect == EFF_LINK_FROM)
		return layer_of_descriptor(s, p, ev->dirfd) ? -EXDEV : 0;
	if (ev->effect != EFF_MODIFY)
		return 0;
	r = descriptor_up(s, p, ev->dirfd);
	return r > 0 ? redirect_arg(s, p, ev->operand->arg, &s->to) : r;
}

static int
set_attribute(const struct proc *p, const char *real)
{
	AUTO(str_fini) struct str name = STR_INIT;
	AUTO(mem_free) char *value = NULL;
	uint64_t n = p->sys.arg[3];
	int r = peek_str(p->tid, p->sys.arg[1], 256, &name);

	if (r < 0)
		return r == -ENAMETOOLONG ? -ERANGE : r;
	if (strcmp(p->row->name, "fremovexattr") == 0)
		return lremovexattr(real, name.s) < 0 ? -errno : 0;
	if (n > XATTR_MOST)
		return -E2BIG;
	value = mem_alloc(n);
	r = n ? peek_bytes(p->tid, p->sys.arg[2], value, n) : 0;
	if (r < 0)
		return r;
	return lsetxattr(real, name.s, value, n, (int)p->sys.arg[4]) < 0 ? -errno : 0;
}

/* fchmod and its like, which have no name at all: done here. */
void
change_descriptor(struct session *s, struct proc *p)
{
	const char *call = p->row->name;
	int r = descriptor_up(s, p, (int)p->sys.arg[0]);

	if (r == 0)
		return;
	if (r > 0 && strcmp(call, "fchmod") == 0)
		r = chmod(s->to.s, (mode_t)p->sys.arg[1] & 07777) < 0 ? -errno : 0;
	else if (r > 0 && str_has_prefix(call, "fchown"))
		r = lchown(s->to.s, (uid_t)p->sys.arg[1], (gid_t)p->sys.arg[2]) < 0
			    ? -errno
			    : 0;
	else if (r > 0)
		r = set_attribute(p, s->to.s);
	proc_skip(p, r);
}
