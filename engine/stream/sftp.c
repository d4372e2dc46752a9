#include "stream/sftp.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/raw.h"

enum {
	PACKET_MOST = 1 << 20,
	READ_STEP = 256 << 10,
	VERSION_WANTED = 3,
	SILENCE_MOST = 60000 /* ms */
};

struct wait {
	sftp_answer *answer;
	void *ctx;
	bool owned;
};

struct sftp {
	int fd; /* stdin and stdout of the child */
	uint32_t id;
	struct map waiting; /* id → struct wait * */
	struct str out, in;
	size_t out_at, in_at; /* sent, and taken, so far */
	size_t start;	      /* of the request that is being written */
};

static void
add_u32(struct str *s, uint32_t v)
{
	const char b[4] = { (char)(v >> 24), (char)(v >> 16), (char)(v >> 8), (char)v };

	str_addn(s, b, sizeof(b));
}

struct child {
	char *const *argv;
	const char *names; /* that its program may have, each with its NUL */
	int fd, report;
};

/* As execvp(3) looks for it. */
static void
find_program(const char *name, struct str *out)
{
	const char *path = strchr(name, '/') ? NULL : getenv("PATH");

	if (strchr(name, '/')) {
		str_addn(out, name, strlen(name) + 1);
		return;
	}
	for (path = path ? path : "/bin:/usr/bin";; path++) {
		size_t n = strcspn(path, ":");

		str_addn(out, n ? path : ".", n ? n : 1);
		str_addf(out, "/%s", name);
		str_addc(out, '\0');
		path += n;
		if (!*path)
			break;
	}
}

static void
set_signal(int sig, void (*how)(int))
{
	const struct {
		void (*how)(int);
		unsigned long flags;
		void (*restorer)(void);
		uint64_t mask;
	} action = { how, 0, NULL, 0 };

	raw_call(SYS_rt_sigaction, sig, (long)&action, 0, sizeof(action.mask), 0);
}

/* Why nothing was started. */
static int
execute(const struct child *x)
{
	int why = ENOENT;

	for (const char *name = x->names; *name; name += strlen(name) + 1) {
		int error = (int)-raw_call(SYS_execve, (long)name, (long)x->argv,
					   (long)environ, 0, 0);

		if (error != ENOENT && error != ENOTDIR)
			why = error;
		if (why != ENOENT && why != EACCES)
			break;
	}
	return why;
}

/*
 * The child of a child: the tracer waits for all children of this process, and must
 * not be told of this one.  Ctrl-C is for the program: ssh ignores it, and ends when
 * we do, by the end of its input.  Raw calls only (raw_fork).
 */
_Noreturn static void
run_child(const struct child *x)
{
	const uint64_t none = 0;
	pid_t pid = raw_fork();
	int error = pid < 0 ? -pid : 0;

	if (pid > 0)
		raw_exit(0);
	raw_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&none, 0, sizeof(none), 0);
	set_signal(SIGINT, SIG_IGN);
	set_signal(SIGQUIT, SIG_IGN);
	set_signal(SIGHUP, SIG_IGN);
	set_signal(SIGPIPE, SIG_DFL);
	raw_call(SYS_dup2, x->fd, 0, 0, 0, 0);
	raw_call(SYS_dup2, x->fd, 1, 0, 0, 0);
	if (!error)
		error = execute(x);
	raw_call(SYS_write, x->report, (long)&error, sizeof(error), 0, 0);
	raw_exit(0);
}

static int
start_child(char *const *argv, int *fd, struct err *e)
{
	AUTO(str_fini) struct str names = STR_INIT;
	struct child x = { .argv = argv };
	int pair[2], report[2], status, error;
	ssize_t n;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_set(e, errno, "socketpair");
	*fd = pair[0];
	AUTO(fd_drop) int child_end = pair[1];
	if (pipe2(report, O_CLOEXEC) < 0)
		return err_set(e, errno, "pipe");
	AUTO(fd_drop) int report_end = report[0];
	find_program(argv[0], &names);
	x.names = names.s;
	x.fd = child_end;
	x.report = report[1];
	pid = raw_fork();
	if (pid == 0)
		run_child(&x);
	close(report[1]);
	if (pid < 0)
		return err_set(e, -pid, "fork");
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	do
		n = read(report_end, &error, sizeof(error));
	while (n < 0 && errno == EINTR);
	return n == sizeof(error) ? err_set(e, error, "cannot start %s", argv[0]) : 0;
}

static void
on_version(void *ctx, struct sftp_reply *r)
{
}

/* Whatever version the server has: what is asked here, all of them have. */
struct sftp *
sftp_start(char *const *argv, struct err *e)
{
	struct sftp *c = mem_alloc(sizeof(*c));

	*c = (struct sftp){ .fd = -1, .out = STR_INIT, .in = STR_INIT };
	if (start_child(argv, &c->fd, e) < 0) {
		sftp_stop(c);
		return NULL;
	}
	fcntl(c->fd, F_SETFL, O_NONBLOCK);
	sftp_begin(c, SSH_FXP_INIT, on_version, NULL);
	sftp_send(c);
	return c;
}

void
sftp_stop(struct sftp *c)
{
	if (!c)
		return;
	for (struct map_slot *s = NULL; (s = map_next(&c->waiting, s));) {
		const struct wait *w = s->p;

		if (w->owned)
			free(w->ctx);
		free(s->p);
	}
	map_fini(&c->waiting);
	fd_drop(&c->fd);
	str_fini(&c->out);
	str_fini(&c->in);
	free(c);
}

/* INIT has no number; its answer is put under the version that it carries. */
static void
begin(struct sftp *c, int type, struct wait w)
{
	uint32_t id = type == SSH_FXP_INIT ? VERSION_WANTED : ++c->id;

	c->start = c->out.len;
	add_u32(&c->out, 0);
	str_addc(&c->out, (char)type);
	add_u32(&c->out, id);
	map_put(&c->waiting, (char *)&id, sizeof(id))->p = mem_dup(&w, sizeof(w));
	if (type == SSH_FXP_INIT)
		c->id = VERSION_WANTED;
}

void
sftp_begin(struct sftp *c, int type, sftp_answer *answer, void *ctx)
{
	begin(c, type, (struct wait){ answer, ctx, false });
}

void
sftp_begin_owned(struct sftp *c, int type, sftp_answer *answer, void *ctx)
{
	begin(c, type, (struct wait){ answer, ctx, true });
}

void
sftp_add_u32(struct sftp *c, uint32_t v)
{
	add_u32(&c->out, v);
}

void
sftp_add_u64(struct sftp *c, uint64_t v)
{
	add_u32(&c->out, (uint32_t)(v >> 32));
	add_u32(&c->out, (uint32_t)v);
}

void
sftp_add_bytes(struct sftp *c, const char *s, size_t n)
{
	add_u32(&c->out, (uint32_t)n);
	str_addn(&c->out, s, n);
}

void
sftp_send(struct sftp *c)
{
	uint32_t n = (uint32_t)(c->out.len - c->start - 4);

	for (int i = 0; i < 4; i++)
		c->out.s[c->start + (size_t)i] = (char)(n >> (24 - 8 * i));
}

size_t
sftp_waiting(const struct sftp *c)
{
	return c->waiting.n;
}

static int
flush_out(struct sftp *c)
{
	while (c->out_at < c->out.len) {
		ssize_t n = send(c->fd, c->out.s + c->out_at, c->out.len - c->out_at,
				 MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		c->out_at += (size_t)n;
	}
	str_clear(&c->out);
	c->out_at = 0;
	return 0;
}

/* Bytes that came, 0: none at the moment, -errno. */
static ssize_t
fill_in(struct sftp *c)
{
	ssize_t n;

	if (c->in_at == c->in.len) {
		str_clear(&c->in);
		c->in_at = 0;
	} else if (c->in_at > READ_STEP) {
		memmove(c->in.s, c->in.s + c->in_at, c->in.len - c->in_at);
		c->in.len -= c->in_at;
		c->in_at = 0;
	}
	str_reserve(&c->in, READ_STEP);
	n = recv(c->fd, c->in.s + c->in.len, READ_STEP, 0);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (n == 0)
		return -ECONNRESET;
	c->in.len += (size_t)n;
	return n;
}

/* One whole packet out of `in`: 1, none yet: 0, nonsense: -EPROTO. */
static int
take_packet(struct sftp *c)
{
	struct sftp_reply r = { .p = c->in.s + c->in_at, .left = c->in.len - c->in_at };
	struct map_slot *s;
	struct wait w;
	uint32_t n, id;

	if (r.left < 4)
		return 0;
	n = reply_u32(&r);
	if (n < 5 || n > PACKET_MOST)
		return -EPROTO;
	if (r.left < n)
		return 0;
	c->in_at += 4 + n;
	r.left = n;
	r.type = (unsigned char)*r.p++;
	r.left--;
	id = reply_u32(&r);
	s = map_get(&c->waiting, (char *)&id, sizeof(id));
	if (!s)
		return -EPROTO;
	w = *(struct wait *)s->p;
	free(s->p);
	map_del(&c->waiting, (char *)&id, sizeof(id));
	w.answer(w.ctx, &r);
	return 1;
}

int
sftp_pump(struct sftp *c, int wake, struct err *e)
{
	bool any = false;
	int r = flush_out(c);

	while (r >= 0) {
		struct pollfd p[] = { { c->fd, POLLIN, 0 }, { wake, POLLIN, 0 } };

		r = take_packet(c);
		any |= r > 0;
		if (r != 0)
			continue;
		if (any)
			return 0;
		if (c->out.len)
			p[0].events |= POLLOUT;
		switch (poll(p, 2, SILENCE_MOST)) {
		case 0:
			return err_set(e, 0, "no answer for %d seconds",
				       SILENCE_MOST / 1000);
		case -1:
			if (errno != EINTR)
				return err_set(e, errno, "poll");
		}
		any |= p[1].revents != 0;
		r = flush_out(c);
		if (r == 0 && (p[0].revents & (POLLIN | POLLHUP | POLLERR)))
			r = (int)fill_in(c);
	}
	return r == -EPROTO ? err_set(e, 0,
				      "the server does not speak SFTP (does its login "
				      "print something?)")
			    : err_set(e, 0, "the connection was closed");
}

uint32_t
reply_u32(struct sftp_reply *r)
{
	const unsigned char *p = (const unsigned char *)r->p;

	if (r->left < 4) {
		r->bad = true;
		r->left = 0;
		return 0;
	}
	r->p += 4;
	r->left -= 4;
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

uint64_t
reply_u64(struct sftp_reply *r)
{
	uint64_t high = reply_u32(r);

	return high << 32 | reply_u32(r);
}

const char *
reply_bytes(struct sftp_reply *r, size_t *n)
{
	const char *p;

	*n = reply_u32(r);
	if (r->bad || *n > r->left) {
		r->bad = true;
		r->left = 0;
		*n = 0;
		return "";
	}
	p = r->p;
	r->p += *n;
	r->left -= *n;
	return p;
}

struct sftp_attrs
reply_attrs(struct sftp_reply *r)
{
	enum { SIZE = 1, OWNER = 2, MODE = 4, TIMES = 8 };
	const uint32_t extended = 1u << 31;
	uint32_t flags = reply_u32(r), count;
	struct sftp_attrs a = { flags & SIZE, flags & MODE, flags & TIMES, 0, 0, 0 };
	size_t n;

	if (flags & SIZE)
		a.size = reply_u64(r);
	if (flags & OWNER)
		reply_u64(r);
	if (flags & MODE)
		a.mode = reply_u32(r);
	if (flags & TIMES) {
		reply_u32(r);
		a.mtime = reply_u32(r);
	}
	if (!(flags & extended))
		return a;
	for (count = reply_u32(r); count && !r->bad; count--) {
		reply_bytes(r, &n);
		reply_bytes(r, &n);
	}
	return a;
}

int
reply_status(struct sftp_reply *r)
{
	static const int codes[] = { 0,	  ENODATA,    ENOENT,	  EACCES,    EIO,
				     EIO, ECONNRESET, ECONNRESET, EOPNOTSUPP };
	uint32_t code = reply_u32(r);

	if (r->bad || r->type != SSH_FXP_STATUS || code >= ARRAY_SIZE(codes))
		return -EIO;
	return -codes[code];
}
