#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "exec/session.h"
#include "path/lex.h"
#include "trace/peek.h"
#include "trace/regs.h"

enum { NAME_MOST = 4096, LINKS_MOST = 40 };

static int
dir_descriptor(struct session *s, const struct str *dir)
{
	struct map_slot *slot = map_get(&s->dirfd, dir->s, dir->len);
	int fd, high;

	if (slot)
		return (int)slot->u;
	fd = open(dir->s, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENAMETOOLONG && dir->len >= NAME_MOST) {
		/* too long for one open: from its upper half */
		AUTO(str_fini) struct str upper = STR_INIT;

		str_setn(&upper, dir->s, dir->len / 2);
		path_to_parent(&upper);
		high = dir_descriptor(s, &upper);
		if (high >= 0)
			fd = openat(high, path_rest(dir->s, upper.s),
				    O_PATH | O_DIRECTORY | O_CLOEXEC);
	}
	if (fd < 0)
		return -errno;
	map_put(&s->dirfd, dir->s, dir->len)->u = (uint64_t)fd;
	return fd;
}

int
redirect_shorten(struct session *s, const struct str *real, size_t most, struct str *out)
{
	AUTO(str_fini) struct str dir = STR_INIT;
	int fd;

	str_setn(&dir, real->s, real->len);
	do {
		path_to_parent(&dir);
		str_clear(out);
		/* As far up as fits: fewer directories stay open. */
		if (dir.len > real->len / 2 && most > NAME_MOST / 2)
			continue;
		fd = dir_descriptor(s, &dir);
		if (fd < 0)
			return fd;
		str_addf(out, "/proc/%d/fd/%d/%s", getpid(), fd,
			 path_rest(real->s, dir.s));
		return out->len < most ? 0 : -ENAMETOOLONG;
	} while (dir.len > 1);
	return -ENAMETOOLONG;
}

int
redirect_arg(struct session *s, struct proc *p, int n, const struct str *real)
{
	AUTO(str_fini) struct str shorter = STR_INIT;
	const struct str *name = real;
	taddr at;

	if (real->len >= NAME_MOST) {
		int r = redirect_shorten(s, real, NAME_MOST, &shorter);

		if (r < 0)
			return r;
		name = &shorter;
	}
	if (s->direct) {
		str_setn(&s->direct_name, name->s, name->len);
		proc_set_arg(p, n, 0);
		return 0;
	}
	at = scratch_put(tracee_of(p)->scratch, p->tid, name->s, name->len + 1);
	if (!at)
		return -ENOMEM;
	proc_set_arg(p, n, at);
	return 0;
}

/* The name is resolved already, so RESOLVE_* would only get in the way. */
static int
plain_how(struct session *s, struct proc *p)
{
	AUTO(mem_free) char *copy = NULL;
	uint64_t size = p->sys.arg[3];
	struct open_how how;
	taddr at;

	if (size < sizeof(how) || size > NAME_MOST)
		return 0; /* the kernel will say EINVAL or E2BIG */
	copy = mem_alloc(size);
	if (peek_bytes(p->tid, p->sys.arg[2], copy, size) < 0)
		return 0;
	memcpy(&how, copy, sizeof(how));
	if (!how.resolve)
		return 0;
	/* Nor does the program see the border that RESOLVE_NO_XDEV would find between
	 * the package and the host.  Unknown bits stay: EINVAL is the kernel's to say
	 * (PTRACE.md 25). */
	how.resolve &= ~(uint64_t)(RESOLVE_NO_XDEV | RESOLVE_BENEATH | RESOLVE_IN_ROOT |
				   RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
	memcpy(copy, &how, sizeof(how));
	at = scratch_put(tracee_of(p)->scratch, p->tid, copy, size);
	if (!at)
		return -ENOMEM;
	proc_set_arg(p, 2, at);
	return 0;
}

static bool
creates(const struct path_event *ev)
{
	return ev->effect == EFF_CREATE || ev->effect == EFF_RENAME_TO ||
	       (ev->oflags & O_CREAT);
}

static bool
opens(const struct path_event *ev)
{
	return ev->operand->effect == EFF_OPEN && !(ev->oflags & O_PATH);
}

/* O_EXCL: not what is there. */
static bool
opens_new(const struct path_event *ev)
{
	return (ev->oflags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL);
}

/* Of what is only read, the host may have a copy that we made. */
static bool
only_reads(const struct path_event *ev)
{
	return ev->effect == EFF_STAT || ev->effect == EFF_READ ||
	       ev->effect == EFF_OPEN || ev->effect == EFF_NONE;
}

static bool
is_copied(const struct session *s, const struct path_event *ev)
{
	const char *abs = s->look.walk.abs.s;

	return s->look.side == SIDE_HOST && only_reads(ev) &&
	       who_real(&s->world.who, abs) != abs;
}

/*
 * Would the kernel, given the name as it stands, come to the same object?  Yes,
 * if everything on the way is the host's under its own name; or if the name is
 * relative to a directory in the package and passes no link.
 */
bool
redirect_is_same(const struct session *s, const struct path_event *ev, bool moved)
{
	const struct look *l = &s->look;

	if (l->faked || l->any_upper || is_copied(s, ev))
		return false;
	if (l->side == SIDE_PACKAGE && s->world.layer[SIDE_PACKAGE].dir.len)
		return false;
	if (l->side == SIDE_HOST)
		return !l->any_package && !moved;
	return ev->name.s[0] != '/' && moved && !l->any_host && !l->walk.hops &&
	       !l->walk.clamped;
}

/* Does this kernel have p's call?  Asked once each. */
static bool
kernel_has(struct session *s, const struct proc *p)
{
	const char *name = p->row->name;
	struct map_slot *slot = map_put(&s->lacks[p->sys.arch], name, strlen(name));

	if (!slot->u)
		slot->u = regs_kernel_has(p->sys.arch, (int)p->sys.nr) ? 1 : 2;
	return slot->u == 1;
}

static enum resume
refuse(struct session *s, struct proc *p, int error, bool placeholder)
{
	struct program *i = tracee_of(p)->program;

	if (!kernel_has(s, p))
		return RESUME_RUN;
	if (error == -ENOENT || placeholder)
		missing_add(&s->missing, p->row->name, s->look.walk.abs.s, -error,
			    placeholder, i ? i->exe : NULL);
	proc_skip(p, error);
	return RESUME_RUN;
}

static bool
is_native(struct proc *p, const struct str *abs)
{
	const struct program *i = tracee_of(p)->program;

	if (!i || !i->native)
		return false;
	if (strcmp(abs->s, i->exe) == 0)
		return true;
	for (size_t n = 0; n < i->native->prefix.n; n++)
		if (str_has_prefix(abs->s, i->native->prefix.v[n]))
			return true;
	return false;
}

/* Hidden names, placeholders, names that are not there: answered without the
 * kernel.  0: go on. */
static int
answer_of(const struct session *s, const struct path_event *ev, bool leaf)
{
	const struct look *l = &s->look;

	if (l->side == SIDE_HIDDEN)
		return creates(ev) ? -EACCES : -ENOENT;
	if (l->placeholder && opens(ev) && !opens_new(ev))
		return ev->oflags & O_TRUNC ? 0 : -EACCES;
	if (l->walk.kind == FSV_MISSING && !leaf && !creates(ev) &&
	    l->side == SIDE_PACKAGE)
		return -ENOENT;
	return 0;
}

/* Calls that ask for privileges before they look at names (PTRACE.md 28). */
static bool
checks_first(const struct path_event *ev)
{
	return ev->effect == EFF_MOUNT;
}

/* The walk failed: let the kernel fail in the same way, after its own checks. */
static enum resume
fail_there(struct session *s, struct proc *p, const struct path_event *ev, int error)
{
	str_set(&s->to, "/proc/self");
	switch (error) {
	case -ENOENT:
		str_add(&s->to, "/nothing/there");
		break;
	case -ENOTDIR:
		str_add(&s->to, "/stat/nothing");
		break;
	case -ELOOP: /* more than 40 links in a row */
		for (int i = 0; i < LINKS_MOST / 2; i++)
			str_add(&s->to, "/root/proc/self");
		break;
	default:
		return refuse(s, p, error, false);
	}
	return redirect_arg(s, p, ev->operand->arg, &s->to) < 0 ? RESUME_RUN
								: RESUME_EXIT;
}

/* Length of name without its last component, when that is "." or ".." and the call
 * is about the name itself (the kernel then says EINVAL, EBUSY, EEXIST …). */
static size_t
before_dots(const struct path_event *ev)
{
	const char *name = ev->name.s;
	size_t end = ev->name.len, start;

	if (ev->effect != EFF_CREATE && ev->effect != EFF_DELETE &&
	    ev->effect != EFF_RENAME_FROM && ev->effect != EFF_RENAME_TO)
		return 0;
	while (end > 1 && name[end - 1] == '/')
		end--;
	start = end;
	while (start > 0 && name[start - 1] != '/')
		start--;
	if (start == 0 || strspn(name + start, ".") < end - start || end - start > 2)
		return 0;
	return start;
}

/* A name that is nothing but dots, of a call that will fail for them. */
static bool
is_only_dots(const struct path_event *ev)
{
	const char *name = ev->name.s;
	size_t n = strspn(name, ".");

	return (ev->effect == EFF_CREATE || ev->effect == EFF_DELETE ||
		ev->effect == EFF_RENAME_FROM || ev->effect == EFF_RENAME_TO) &&
	       (n == 1 || n == 2) && !name[n + strspn(name + n, "/")];
}

/* The directory is resolved, the dots stay. */
static enum resume
redirect_dots(struct session *s, struct proc *p, const struct path_event *ev,
	      size_t start)
{
	AUTO(str_fini) struct str dots = STR_INIT;
	struct path_event dir = *ev;
	bool moved;
	int r;

	str_set(&dots, ev->name.s + start);
	str_init(&dir.name);
	str_setn(&dir.name, ev->name.s, start);
	r = session_look(s, p, &dir, WALK_FOLLOW, &moved);
	if (r == 0 && !redirect_is_same(s, &dir, moved)) {
		world_real(&s->world, s->look.side, s->look.walk.abs.s, &s->to);
		path_append(&s->to, dots.s);
		r = redirect_arg(s, p, ev->operand->arg, &s->to);
	}
	str_fini(&dir.name);
	return r < 0 ? refuse(s, p, r, false) : RESUME_RUN;
}

/* open("name/", O_CREAT) is EISDIR, whatever name is, if its directory is there. */
static bool
creates_with_slash(struct session *s, struct proc *p, struct path_event *ev)
{
	struct path_event trimmed = *ev;
	bool moved, yes;

	if (!(ev->oflags & O_CREAT) || !str_has_suffix(ev->name.s, "/"))
		return false;
	str_init(&trimmed.name);
	str_setn(&trimmed.name, ev->name.s, ev->name.len);
	while (trimmed.name.len > 1 && str_has_suffix(trimmed.name.s, "/"))
		str_trunc(&trimmed.name, trimmed.name.len - 1);
	yes = session_look(s, p, &trimmed, (ev->walk & ~WALK_FOLLOW) | WALK_LEAF,
			   &moved) == 0;
	str_fini(&trimmed.name);
	return yes;
}

/* Streaming: content that the call is about to use is brought here.  0 or -errno. */
static int
bring(struct session *s, const struct path_event *ev)
{
	const struct look *l = &s->look;
	struct stream *stream = s->world.stream;

	if (!stream || l->side != SIDE_PACKAGE)
		return 0;
	if (ev->effect == EFF_RENAME_FROM && stream_has_dir(stream, l->walk.abs.s))
		return -EXDEV; /* what is not fetched yet could not be found again */
	switch (ev->effect) {
	case EFF_READ:
	case EFF_LIST:
	case EFF_WRITE:
	case EFF_TRUNC:
	case EFF_MODIFY:
	case EFF_EXEC:
	case EFF_DELETE:
	case EFF_RENAME_FROM:
	case EFF_RENAME_TO:
	case EFF_LINK_FROM:
		return stream_use(stream, l->walk.abs.s);
	case EFF_STAT:
	case EFF_OPEN:
	case EFF_NONE:
	case EFF_CREATE:
	case EFF_CHDIR:
	case EFF_CONNECT:
	case EFF_MOUNT:
		break;
	}
	/* O_PATH: it may be opened again by its descriptor */
	return ev->operand->effect == EFF_OPEN ? stream_use(stream, l->walk.abs.s) : 0;
}

/* The real name on a side without an upper tree. */
static void
name_it(struct session *s, const struct path_event *ev)
{
	const struct look *l = &s->look;

	if (l->side == SIDE_HOST && !is_copied(s, ev))
		str_set(&s->to, l->walk.abs.s);
	else
		world_real(&s->world, l->side, l->walk.abs.s, &s->to);
}

enum resume
redirect_path(struct session *s, struct proc *p, struct path_event *ev)
{
	bool leaf = !(ev->walk & WALK_FOLLOW) && !opens(ev), moved;
	struct look *l = &s->look;
	int r;

	if (ev->fd_itself && !world_is_layered(&s->world))
		return RESUME_RUN;
	if (ev->fd_itself) {
		r = change_named(s, p, ev);
		return r < 0 ? refuse(s, p, r, false) : RESUME_RUN;
	}
	if (world_is_layered(&s->world) && is_only_dots(ev))
		return RESUME_RUN;
	if (before_dots(ev))
		return redirect_dots(s, p, ev, before_dots(ev));
	if (creates_with_slash(s, p, ev)) {
		proc_skip(p, -EISDIR);
		return RESUME_RUN;
	}
	r = session_look(s, p, ev, ev->walk | (leaf ? WALK_LEAF : 0), &moved);
	if (r > 0 || is_native(p, &l->walk.abs))
		return RESUME_RUN;
	if (r < 0 && !l->any_package && !l->faked && !moved)
		return RESUME_RUN;
	if (r < 0)
		return checks_first(ev) ? fail_there(s, p, ev, r)
					: refuse(s, p, r, false);
	if (l->walk.kind != FSV_MAGIC)
		s->side = l->side;
	if ((p->row->flags & SYS_RESULT_PATH) && answer_readlink(s, p, ev))
		return RESUME_RUN;
	r = checks_first(ev) ? 0 : answer_of(s, ev, leaf);
	if (r < 0)
		return refuse(s, p, r, l->placeholder);
	r = bring(s, ev);
	if (r < 0)
		return refuse(s, p, r, false);
	if (l->side == SIDE_HOST && ev->effect == EFF_READ &&
	    str_has_prefix(l->walk.abs.s, "/proc/")) {
		int fd = answer_maps(s, l->walk.abs.s);

		if (fd >= 0) {
			tracee_of(p)->held = fd;
			str_clear(&s->to);
			str_addf(&s->to, "/proc/%d/fd/%d", getpid(), fd);
			r = redirect_arg(s, p, ev->operand->arg, &s->to);
			return r < 0 ? RESUME_RUN : RESUME_EXIT;
		}
	}
	if (world_is_layered(&s->world))
		r = change_enter(s, p, ev);
	if (!world_layer(&s->world, l->side, l->walk.abs.s))
		name_it(s, ev);
	if (r < 0 && l->side == SIDE_PACKAGE)
		return refuse(s, p, r, false);
	if (r != 0) {
		proc_skip(p, r > 0 ? 0 : r);
		return RESUME_RUN;
	}
	if (redirect_is_same(s, ev, moved) &&
	    (!world_is_layered(&s->world) || strcmp(s->to.s, l->walk.abs.s) == 0))
		return RESUME_RUN;
	if (l->walk.slash)
		str_addc(&s->to, '/');
	r = redirect_arg(s, p, ev->operand->arg, &s->to);
	if (r == 0 && ev->operand->follow == BY_HOW)
		r = plain_how(s, p);
	if (r < 0)
		return refuse(s, p, r, false);
	return RESUME_EXIT;
}
