/* rows: bind connect sendto sendmsg sendmmsg accept accept4 getsockname getpeername recvfrom
 * recvmsg recvmmsg recvmmsg_time64 socketcall
 *
 * Sockets with names in the file system, and the names that the program gets to see. */
#include "probe.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

static struct sockaddr_un
address(const char *name, socklen_t *len)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	size_t n = strlen(name);

	memcpy(a.sun_path, name, n < sizeof(a.sun_path) ? n : sizeof(a.sun_path));
	*len = offsetof(struct sockaddr_un, sun_path) + (n < 108 ? n + 1 : 108);
	return a;
}

static long
call_bind(int fd, const char *name)
{
	socklen_t len;
	struct sockaddr_un a = address(name, &len);

	return RAW(bind, fd, &a, len);
}

static long
call_connect(int fd, const char *name)
{
	socklen_t len;
	struct sockaddr_un a = address(name, &len);

	return RAW(connect, fd, &a, len);
}

static void
say_address(const char *label, long r, const void *addr, socklen_t len)
{
	const struct sockaddr_un *a = addr;
	size_t n = len > 2 ? len - 2 : 0;

	say("%s = %s, %u bytes, '%s'", label, outcome(r), (unsigned)len,
	    r < 0 || n > 120 ? "" : text_of(a->sun_path, n));
}

static void
names_of(const char *label, int fd)
{
	union { struct sockaddr_un un; char room[300]; } a;
	socklen_t len = sizeof(a);
	char text[200];

	memset(&a, '#', sizeof(a));
	long r = RAW(getsockname, fd, &a, &len);
	snprintf(text, sizeof(text), "%s getsockname", label);
	say_address(text, r, &a, len);
	len = sizeof(a);
	r = RAW(getpeername, fd, &a, &len);
	snprintf(text, sizeof(text), "%s getpeername", label);
	say_address(text, r, &a, r < 0 ? 0 : len);
}

/* A server and a client in one process; the backlog makes that possible. */
static void
stream(const char *where, const char *own, bool four)
{
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int k = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	union { struct sockaddr_un un; char room[300]; } a;
	socklen_t len = sizeof(a);
	long r = call_bind(s, where);

	say("bind %s = %s", where, outcome(r));
	if (r < 0)
		goto out;
	say("listen = %s", outcome(listen(s, 5) < 0 ? -errno : 0));
	if (own)
		say("client bind %s = %s", own, outcome(call_bind(k, own)));
	say("connect = %s", outcome(call_connect(k, where)));
	r = four || P(accept) < 0 ? RAW(accept4, s, &a, &len, SOCK_CLOEXEC) :
				    RAW(accept, s, &a, &len);
	say_address("accept", r, &a, len);
	names_of("server", s);
	names_of("accepted", r);
	names_of("client", k);
	say("send = %zd", send(k, "hello", 5, 0));
	memset(probe_buf, 0, 10);
	say("recv = %zd '%s'", recv(r, probe_buf, 10, 0), probe_buf);
	close(r);
	say("bind again = %s", outcome(call_bind(k, where)));
	say_file(where);
	say("unlink = %s", outcome(unlink(where) < 0 ? -errno : 0));
	say("connect gone = %s", outcome(call_connect(k, where)));
	if (own)
		unlink(own);
out:
	close(s);
	close(k);
}

static void
streams(const struct probe_case *c)
{
	char *abs = in_cwd("w/s");

	stream("w/sock", NULL, false);
	stream("./w/../w/sock", "w/client", true);
	stream(abs, abs + strlen(probe_cwd) + 1, true);
	stream("w/dirlink/sock", "w/own", true);
	stream("in/file", NULL, true);
	stream("nodir/sock", NULL, true);
	stream("w/dangling", NULL, true);
	free(abs);
}

static void
recv_all(int fd)
{
	union { struct sockaddr_un un; char room[300]; } a[2];
	struct iovec iov[2] = { { probe_buf, 50 }, { probe_buf + 100, 50 } };
	struct mmsghdr m[2] = { 0 };
	socklen_t len = sizeof(a[0]);

	memset(probe_buf, 0, 200);
	long r = RAW(recvfrom, fd, probe_buf, 50, MSG_DONTWAIT, &a[0], &len);
	say_address("recvfrom", r, &a[0], r < 0 ? 0 : len);
	say("  '%s'", probe_buf);
	memset(probe_buf, 0, 200);
	struct msghdr h = { .msg_name = &a[0], .msg_namelen = sizeof(a[0]), .msg_iov = iov,
		.msg_iovlen = 1 };
	r = RAW(recvmsg, fd, &h, MSG_DONTWAIT);
	say_address("recvmsg", r, &a[0], r < 0 ? 0 : h.msg_namelen);
	say("  '%s'", probe_buf);
	memset(probe_buf, 0, 200);
	for (int i = 0; i < 2; i++)
		m[i].msg_hdr = (struct msghdr){ .msg_name = &a[i],
			.msg_namelen = sizeof(a[i]), .msg_iov = &iov[i], .msg_iovlen = 1 };
	r = RAW(recvmmsg, fd, m, 2, MSG_DONTWAIT, NULL);
	say("recvmmsg = %ld", r);
	for (int i = 0; i < r; i++) {
		say_address("  message", 0, &a[i], m[i].msg_hdr.msg_namelen);
		say("  '%s'", (char *)iov[i].iov_base);
	}
}

static long
call_sendmsg(int fd, const char *name, const char *text)
{
	socklen_t len;
	struct sockaddr_un a = address(name, &len);
	struct iovec iov = { (void *)(uintptr_t)text, strlen(text) };
	struct msghdr h = { .msg_name = &a, .msg_namelen = len, .msg_iov = &iov,
		.msg_iovlen = 1 };

	return RAW(sendmsg, fd, &h, 0);
}

static void
datagrams(const char *where, const char *own)
{
	int s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int k = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t len, len2;
	struct sockaddr_un a = address(where, &len), b = address("w/nobody", &len2);
	struct iovec iov[2] = { { (void *)(uintptr_t)"four", 4 },
		{ (void *)(uintptr_t)"five", 4 } };
	struct mmsghdr m[2] = { 0 };

	say("bind %s = %s", where, outcome(call_bind(s, where)));
	say("client bind %s = %s", own, outcome(call_bind(k, own)));
	names_of("server", s);
	say("sendto = %s", outcome(RAW(sendto, k, "one", 3, 0, &a, len)));
	say("sendmsg = %s", outcome(call_sendmsg(k, where, "two")));
	m[0].msg_hdr = (struct msghdr){ .msg_name = &a, .msg_namelen = len, .msg_iov = iov,
		.msg_iovlen = 1 };
	m[1].msg_hdr = (struct msghdr){ .msg_name = &a, .msg_namelen = len,
		.msg_iov = iov + 1, .msg_iovlen = 1 };
	long r = RAW(sendmmsg, k, m, 2, 0);
	say("sendmmsg = %ld", r);
	recv_all(s);
	say("sendto nobody = %s", outcome(RAW(sendto, k, "x", 1, 0, &b, len2)));
	say("sendmsg nobody = %s", outcome(call_sendmsg(k, "w/nobody", "x")));
	say("sendto bad = %s", outcome(RAW(sendto, k, "x", 1, 0, 8, len)));
	say("connect = %s", outcome(call_connect(k, where)));
	names_of("client", k);
	say("send connected = %s", outcome(RAW(sendto, k, "six", 3, 0, NULL, 0)));
	recv_all(s);
	unlink(where);
	unlink(own);
	close(s);
	close(k);
}

static void
datagram(const struct probe_case *c)
{
	char *abs = in_cwd("w/d");

	datagrams("w/dgram", "w/me");
	datagrams(abs, "./w/dirlink/me");
	free(abs);
}

/* Names as long as they get, with and without NUL; and at each length before. */
static void
long_names(const struct probe_case *c)
{
	for (size_t n = 100; n <= 109; n++) {
		char name[120] = "w/";
		struct sockaddr_un a = { .sun_family = AF_UNIX };
		int s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

		memset(name + 2, 'n', n - 2);
		memcpy(a.sun_path, name, n > 108 ? 108 : n);
		long r = RAW(bind, s, &a, 2 + (n > 108 ? 108 : n));
		say("bind %zu bytes = %s", n, outcome(r));
		names_of("long", s);
		say("lstat %s", outcome(access(name, F_OK) < 0 ? -errno : 0));
		if (n <= 107)
			say("sendto = %s", outcome(RAW(sendto, s, "x", 1, MSG_DONTWAIT, &a,
						       2 + n)));
		close(s);
	}
	say_tree("w");
}

static void
odd_addresses(const struct probe_case *c)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	union { struct sockaddr_un un; char room[300]; } b;
	socklen_t len;

	memcpy(a.sun_path, "\0cde-test-abstract", 18);
	snprintf(a.sun_path + 18, 60, "-%d", getpid());
	say("bind abstract = %s", outcome(RAW(bind, s, &a, 50)));
	len = sizeof(b);
	long r = RAW(getsockname, s, &b, &len);
	say("abstract getsockname = %s %u %d", outcome(r), len,
	    memcmp(&a, &b, 50) == 0);
	listen(s, 3);
	int k = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	say("connect abstract = %s", outcome(RAW(connect, k, &a, 50)));
	close(s);
	close(k);
	s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	say("bind NULL = %s", outcome(RAW(bind, s, NULL, 20)));
	say("bind 8 = %s", outcome(RAW(bind, s, 8, 20)));
	say("bind short = %s", outcome(RAW(bind, s, &a, 1)));
	say("bind huge = %s", outcome(RAW(bind, s, &a, 1000)));
	say("bind closed = %s", outcome(RAW(bind, 777, &a, 50)));
	say("connect NULL = %s", outcome(RAW(connect, s, NULL, 20)));
	say("connect -1 = %s", outcome(RAW(connect, s, &a, -1)));
	say("sendmsg NULL = %s", outcome(RAW(sendmsg, s, NULL, 0)));
	say("sendmsg 8 = %s", outcome(RAW(sendmsg, s, 8, 0)));
	say("sendmmsg 8 = %s", outcome(RAW(sendmmsg, s, 8, 2, 0)));
	say("recvmsg 8 = %s", outcome(RAW(recvmsg, s, 8, MSG_DONTWAIT)));
	say("getsockname NULL = %s", outcome(RAW(getsockname, s, NULL, NULL)));
	say("bind autobind = %s", outcome(RAW(bind, s, &a, 2)));
	close(s);
	s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	say("bind w/short = %s", outcome(call_bind(s, "w/short")));
	for (socklen_t room = 0; room < 16; room += 3) {
		memset(&b, '#', sizeof(b));
		len = room;
		r = RAW(getsockname, s, &b, &len);
		say("getsockname into %u: %s %u '%s'", room, outcome(r), len,
		    text_of(&b, room + 2));
	}
	close(s);
}

/* Descriptors passed over a socket keep their meaning as directories. */
static void
passed_directory(const struct probe_case *c)
{
	union { struct cmsghdr h; char room[CMSG_SPACE(sizeof(int))]; } u = { 0 };
	struct iovec iov = { probe_buf, 1 };
	struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &u,
		.msg_controllen = sizeof(u) };
	int pair[2], fd = open("in/sub", O_PATH | O_CLOEXEC);

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		say("socketpair: %s", outcome(-errno));
	u.h = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(&u.h), &fd, sizeof(fd));
	say("sendmsg = %zd", sendmsg(pair[0], &h, 0));
	close(fd);
	memset(&u, 0, sizeof(u));
	say("recvmsg = %zd", recvmsg(pair[1], &h, 0));
	memcpy(&fd, CMSG_DATA(&u.h), sizeof(fd));
	say_fd("openat passed", openat(fd, "deep", O_RDONLY | O_CLOEXEC));
	say_fd("openat passed ../file", openat(fd, "../file", O_RDONLY | O_CLOEXEC));
	expect_touched("in/sub/deep", "read");
}

#ifdef __i386__
static void
socketcall_bind(const struct probe_case *c)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = "w/call" };
	long socket_args[3] = { AF_UNIX, SOCK_STREAM, 0 };
	long fd = RAW(socketcall, 1, socket_args);
	long bind_args[3] = { fd, (long)&a, sizeof(a) };

	say("socket = %s", outcome(fd));
	say("bind = %s", outcome(RAW(socketcall, 2, bind_args)));
	say("bad = %s", outcome(RAW(socketcall, 2, 8)));
	names_of("socketcall", fd);
	say("recvmmsg_time64 = %s", outcome(RAW(recvmmsg_time64, fd, NULL, 0, 0, NULL)));
	say_tree("w");
}
#endif

const struct probe_case probe_cases[] = {
	CASE(streams), CASE(datagram), CASE(long_names), CASE(odd_addresses),
	CASE(passed_directory),
#ifdef __i386__
	ROW_CASE(socketcall_bind, socketcall),
#endif
	CASES_END
};
