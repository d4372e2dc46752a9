/*
 * Calls that come by notification (trace/notice.h) are decided as at a stop, by
 * enter_call; but where an argument would be rewritten, the call is made here, and the
 * program is given its result.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fs.h"
#include "exec/session.h"
#include "trace/peek.h"

enum { STAT_BYTES = 144, STATX_BYTES = 256, TEXT_MOST = 4096 };

static int64_t
result_of(long r)
{
	return r < 0 ? -errno : r;
}

/* What the kernel has written for us, to the program's argument n. */
static int64_t
give(const struct proc *p, int n, const void *data, size_t size, int64_t result)
{
	if (result < 0)
		return result;
	return poke_bytes(p->tid, p->sys.arg[n], data, size) < 0 ? -EFAULT : result;
}

static int64_t
do_stat(const struct session *s, const struct proc *p, const char *name, int buf,
	int flags)
{
	const struct world *w = &s->world;
	char st[STAT_BYTES];

	_Static_assert(sizeof(w->met_as) == STAT_BYTES,
		       "the C library's is the kernel's");
	if (s->look.walk.kind == FSV_FILE && strcmp(w->met.s, s->look.walk.abs.s) == 0)
		return give(p, buf, &w->met_as, sizeof(w->met_as), 0); /* just seen */
	return give(p, buf, st, sizeof(st),
		    result_of(syscall(SYS_newfstatat, AT_FDCWD, name, st, flags)));
}

static int64_t
do_statx(const struct proc *p, const char *name)
{
	char st[STATX_BYTES];

	return give(p, 4, st, sizeof(st),
		    result_of(syscall(SYS_statx, AT_FDCWD, name, (int)p->sys.arg[2],
				      (unsigned)p->sys.arg[3], st)));
}

static int64_t
do_readlink(const struct proc *p, const char *name, int buf)
{
	int most = (int)p->sys.arg[buf + 1];
	char text[TEXT_MOST];
	int64_t r;

	if (most > TEXT_MOST)
		most = TEXT_MOST;
	r = result_of(syscall(SYS_readlink, name, text, most));
	return give(p, buf, text, r < 0 ? 0 : (size_t)r, r);
}

/* What can keep who opens it waiting, or does something when it is opened. */
static bool
is_special(const struct look *l)
{
	return l->special || l->walk.kind == FSV_MAGIC;
}

static enum notice
do_open(const struct session *s, struct proc *p, const char *name, int flags, int *fd)
{
	if (is_special(&s->look) || trace_files_refused(s->trace))
		return NOTICE_STOP;
	*fd = open(name, flags | O_CLOEXEC | O_NOCTTY);
	p->sys.ret = -errno;
	return *fd < 0 ? NOTICE_DONE : NOTICE_OPEN;
}

/* A listing of a directory that both sides have: through a second descriptor of the same
 * open file.  (Threads could have descriptors of their own.) */
static enum notice
do_listing(struct session *s, struct proc *p)
{
	enum { MOST = 32 << 10 };
	uint64_t size = p->sys.arg[2] & UINT32_MAX;
	AUTO(mem_free) char *buf = NULL;
	AUTO(fd_drop) int pidfd = -1;
	AUTO(fd_drop) int fd = -1;

	if (p->tid != p->tgid)
		return NOTICE_STOP;
	pidfd = (int)syscall(SYS_pidfd_open, p->tgid, 0);
	fd = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, (int)p->sys.arg[0], 0);
	if (fd < 0)
		return NOTICE_STOP;
	buf = mem_alloc(MOST);
	p->sys.ret =
		result_of(syscall((long)p->sys.nr, fd, buf, size < MOST ? size : MOST));
	p->sys.ret = give(p, 1, buf, p->sys.ret < 0 ? 0 : (size_t)p->sys.ret, p->sys.ret);
	listing_results(s, p);
	return NOTICE_DONE;
}

/* getxattr(2), listxattr(2) and those of links: `call`, of an attribute, or of the list of
 * all; into argument n.  What they refuse before they look at the name is the kernel's. */
static enum notice
do_xattr(struct proc *p, const char *name, long call, const char *attribute, int n)
{
	uint64_t size = p->sys.arg[n + 1];
	AUTO(mem_free) char *buf = NULL;

	if (size > XATTR_SIZE_MAX)
		size = XATTR_SIZE_MAX;
	buf = size ? mem_alloc(size) : NULL;
	if (attribute)
		p->sys.ret = result_of(syscall(call, name, attribute, buf, size));
	else
		p->sys.ret = result_of(syscall(call, name, buf, size));
	if (size && p->sys.ret > 0)
		p->sys.ret = give(p, n, buf, (size_t)p->sys.ret, p->sys.ret);
	return NOTICE_DONE;
}

static enum notice
do_getxattr(struct session *s, struct proc *p, const char *name)
{
	if (peek_str(p->tid, p->sys.arg[1], XATTR_NAME_MAX + 1, &s->text) < 0 ||
	    !s->text.len)
		return NOTICE_STOP;
	return do_xattr(p, name, (long)p->sys.nr, s->text.s, 2);
}

static int64_t
do_statfs(const struct proc *p, const char *name)
{
	struct statfs st;

	return give(p, 1, &st, sizeof(st), result_of(syscall(SYS_statfs, name, &st)));
}

/* With `name` instead of what the program gave. */
static enum notice
do_call(struct session *s, struct proc *p, const char *name, int *fd)
{
	const uint64_t *arg = p->sys.arg;
	int64_t r;

	switch (p->sys.nr) {
	case SYS_open:
		return do_open(s, p, name, (int)arg[1], fd);
	case SYS_openat:
		return do_open(s, p, name, (int)arg[2], fd);
	case SYS_newfstatat:
		r = do_stat(s, p, name, 2, (int)arg[3]);
		break;
	case SYS_stat:
		r = do_stat(s, p, name, 1, 0);
		break;
	case SYS_lstat:
		r = do_stat(s, p, name, 1, AT_SYMLINK_NOFOLLOW);
		break;
	case SYS_statx:
		r = do_statx(p, name);
		break;
	case SYS_statfs:
		r = do_statfs(p, name);
		break;
	case SYS_access:
		r = result_of(syscall(SYS_access, name, (int)arg[1]));
		break;
	case SYS_faccessat:
		r = result_of(syscall(SYS_faccessat, AT_FDCWD, name, (int)arg[2]));
		break;
	case SYS_faccessat2:
		r = result_of(syscall(SYS_faccessat2, AT_FDCWD, name, (int)arg[2],
				      (int)arg[3]));
		break;
	case SYS_readlink:
		r = do_readlink(p, name, 1);
		break;
	case SYS_readlinkat:
		r = do_readlink(p, name, 2);
		break;
	case SYS_getxattr:
	case SYS_lgetxattr:
		return do_getxattr(s, p, name);
	case SYS_listxattr:
	case SYS_llistxattr:
		return do_xattr(p, name, (long)p->sys.nr, NULL, 1);
	default:
		return NOTICE_STOP;
	}
	p->sys.ret = r;
	return NOTICE_DONE;
}

enum notice
direct_pass(const struct proc *p)
{
	return p->row->operand[0].effect == EFF_OPEN ? NOTICE_WAIT : NOTICE_RUN;
}

enum notice
direct_call(struct session *s, struct proc *p, enum resume wanted, int *fd)
{
	if (p->dirty & REGS_NR)
		return NOTICE_DONE;
	if (wanted == RESUME_RUN)
		return is_special(&s->look) ? direct_pass(p) : NOTICE_RUN;
	if (!p->foreign && (p->row->flags & SYS_LISTING))
		return do_listing(s, p);
	if (!p->patched || p->foreign)
		return NOTICE_STOP;
	return do_call(s, p, s->direct_name.s, fd);
}
