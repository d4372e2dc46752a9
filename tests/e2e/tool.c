/*
 * tool STEP ARG… STEP ARG…: a small calculator of path calls.  Each step does
 * one thing with the system calls of its name and prints what came of it, so
 * that a whole story fits on one command line:
 *
 *	tool cd /usr cwd sym ../x l rl l cat f
 *
 * "at DIR" gives the following steps a directory descriptor in the place of
 * AT_FDCWD.  The last step's failure is no failure of tool; `exit N` and
 * `kill N` end it so.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

static int at = AT_FDCWD;

static void
say(const char *what, const char *name, int r)
{
	if (r < 0)
		printf("%s %s: %s\n", what, name, strerror(errno));
	else
		printf("%s %s: ok\n", what, name);
}

static void
do_cwd(char **a)
{
	char text[PATH_MAX];

	printf("cwd: %s\n", getcwd(text, sizeof(text)) ? text : strerror(errno));
}

static void
do_cd(char **a)
{
	say("cd", a[0], chdir(a[0]));
}

static void
do_at(char **a)
{
	at = open(a[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	say("at", a[0], at);
}

static void
do_cat(char **a)
{
	int fd = openat(at, a[0], O_RDONLY | O_CLOEXEC);
	char text[4096];
	ssize_t n;

	say("cat", a[0], fd);
	fflush(stdout);
	while (fd >= 0 && (n = read(fd, text, sizeof(text))) > 0)
		if (write(1, text, n) != n)
			break;
	if (fd >= 0)
		close(fd);
}

static void
put(const char *name, const char *text, int flags)
{
	int fd = openat(at, name, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0666);

	if (fd < 0 || write(fd, text, strlen(text)) < 0 || write(fd, "\n", 1) < 0)
		say("put", name, -1);
	else
		say("put", name, 0);
	if (fd >= 0)
		close(fd);
}

static void
do_put(char **a)
{
	put(a[0], a[1], O_TRUNC);
}

static void
do_add(char **a)
{
	put(a[0], a[1], O_APPEND);
}

static void
do_ln(char **a)
{
	say("ln", a[1], linkat(at, a[0], at, a[1], 0));
}

static void
do_mv(char **a)
{
	say("mv", a[1], renameat(at, a[0], at, a[1]));
}

static void
do_mk(char **a)
{
	say("mk", a[0], mkdirat(at, a[0], 0777));
}

static void
do_rd(char **a)
{
	say("rd", a[0], unlinkat(at, a[0], AT_REMOVEDIR));
}

static void
do_rm(char **a)
{
	say("rm", a[0], unlinkat(at, a[0], 0));
}

static void
do_sym(char **a)
{
	say("sym", a[1], symlinkat(a[0], at, a[1]));
}

static void
do_rl(char **a)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(at, a[0], text, sizeof(text));

	if (n < 0)
		say("rl", a[0], -1);
	else
		printf("rl %s: %.*s\n", a[0], (int)n, text);
}

static void
do_pidexe(char **a)
{
	char name[64], text[PATH_MAX];
	ssize_t n;

	snprintf(name, sizeof(name), "/proc/%d/exe", getpid());
	n = readlink(name, text, sizeof(text));
	printf("pidexe: %.*s\n", (int)(n < 0 ? 0 : n), text);
}

static void
do_fifo(char **a)
{
	say("fifo", a[0], mkfifoat(at, a[0], 0666));
}

static void
do_st(char **a)
{
	struct stat st;
	int r = fstatat(at, a[0], &st, AT_SYMLINK_NOFOLLOW);

	if (r < 0)
		say("st", a[0], r);
	else
		printf("st %s: %o %lld\n", a[0], st.st_mode,
		       S_ISREG(st.st_mode) ? (long long)st.st_size : 0);
}

static int
by_name(const struct dirent **x, const struct dirent **y)
{
	return strcmp((*x)->d_name, (*y)->d_name);
}

static void
do_ls(char **a)
{
	struct dirent **list;
	int n = scandirat(at, a[0], &list, NULL, by_name);

	say("ls", a[0], n);
	for (int i = 0; i < n; i++)
		printf(" %s\n", list[i]->d_name);
}

/* Every file that is mapped must be there under the name that maps tells. */
static void
do_maps(char **a)
{
	FILE *f = fopen("/proc/self/maps", "re");
	char line[PATH_MAX + 200], last[PATH_MAX] = "";

	while (f && fgets(line, sizeof(line), f)) {
		char *name = strchr(line, '/');
		struct stat st;

		if (!name)
			continue;
		name[strcspn(name, "\n")] = '\0';
		if (strcmp(name, last) == 0)
			continue;
		snprintf(last, sizeof(last), "%s", name);
		printf("maps %s: %s\n", name, stat(name, &st) < 0 ? strerror(errno) : "ok");
	}
	if (f)
		fclose(f);
}

static void
do_sh(char **a)
{
	int r;

	fflush(stdout);
	r = system(a[0]);
	printf("sh: %d\n", WIFEXITED(r) ? WEXITSTATUS(r) : -WTERMSIG(r));
}

static void
do_self(char **a)
{
	int ws, pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		execl("/proc/self/exe", "again", "echo", a[0], (char *)NULL);
		_exit(127);
	}
	waitpid(pid, &ws, 0);
	printf("self: %d\n", WEXITSTATUS(ws));
}

static void
do_echo(char **a)
{
	printf("%s\n", a[0]);
}

static void
do_state(char **a)
{
	struct rlimit l;
	mode_t m = umask(0);
	sigset_t set;
	int n = 0, blocked = 0;

	umask(m);
	for (int fd = 0; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) >= 0) {
			printf("fd %d\n", fd);
			n++;
		}
	getrlimit(RLIMIT_NOFILE, &l);
	printf("umask %o, nofile %llu/%llu, fds %d\n", m, (unsigned long long)l.rlim_cur,
	       (unsigned long long)l.rlim_max, n);
	getrlimit(RLIMIT_CORE, &l);
	printf("core %llu/%llu\n", (unsigned long long)l.rlim_cur,
	       (unsigned long long)l.rlim_max);
	sigprocmask(SIG_SETMASK, NULL, &set);
	for (int i = 1; i < NSIG; i++) {
		struct sigaction sa;

		blocked += sigismember(&set, i) == 1;
		if (sigaction(i, NULL, &sa) == 0 && sa.sa_handler == SIG_IGN)
			printf("ignored %d\n", i);
	}
	printf("blocked %d, session %d, leader %d\n", blocked, getsid(0) == getpid(),
	       getpgrp() == getpid());
}

static void
do_uname(char **a)
{
	struct utsname u;

	uname(&u);
	printf("%s %s %s\n", u.sysname, u.release, u.machine);
}

static socklen_t
unix_name(struct sockaddr_un *un, const char *name)
{
	memset(un, 0, sizeof(*un));
	un->sun_family = AF_UNIX;
	snprintf(un->sun_path, sizeof(un->sun_path), "%s", name);
	return sizeof(*un);
}

/* A server and a client that meet at the socket file a[0]. */
static void
do_unix(char **a)
{
	struct sockaddr_un un, seen;
	socklen_t len = unix_name(&un, a[0]), seen_len = sizeof(seen);
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), c, p;
	char text[64] = "";

	say("bind", a[0], bind(s, (struct sockaddr *)&un, len));
	listen(s, 1);
	c = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	say("connect", a[0], connect(c, (struct sockaddr *)&un, len));
	p = accept4(s, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (p < 0 || write(c, "hello", 5) != 5 || read(p, text, sizeof(text)) < 0)
		say("talk", a[0], -1);
	memset(&seen, 0, sizeof(seen));
	getpeername(c, (struct sockaddr *)&seen, &seen_len);
	printf("unix: %s by %s\n", text, seen.sun_path);
	close(s);
	close(c);
	close(p);
	unlink(a[0]);
}

static void
inet(struct sockaddr_in *in, int port)
{
	memset(in, 0, sizeof(*in));
	in->sin_family = AF_INET;
	in->sin_port = htons(port);
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
}

/* One line for each way out: what a listener on port a[0] would have to hear. */
static void
do_net(char **a)
{
	struct sockaddr_in in;
	struct iovec v = {(char *)"m", 1};
	struct msghdr m = {.msg_name = &in, .msg_namelen = sizeof(in), .msg_iov = &v,
			   .msg_iovlen = 1};
	struct mmsghdr mm = {.msg_hdr = m};
	int t = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int u = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int w = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	inet(&in, atoi(a[0]));
	printf("tcp %d\n", connect(t, (void *)&in, sizeof(in)) == 0 && write(t, "t", 1) == 1);
	printf("udp %d\n", connect(u, (void *)&in, sizeof(in)) == 0 && write(u, "u", 1) == 1);
	printf("sendto %d\n", sendto(w, "s", 1, 0, (void *)&in, sizeof(in)) == 1);
	printf("sendmsg %d\n", sendmsg(w, &m, 0) == 1);
	printf("sendmmsg %d\n", sendmmsg(w, &mm, 1, 0) == 1);
}

/* Hears for a second of silence what comes to a port, TCP and UDP, and tells the
 * port in the file a[0] beforehand. */
static void
do_hear(char **a)
{
	struct sockaddr_in in;
	socklen_t len = sizeof(in);
	struct timeval tv = {2, 0};
	int t = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int u = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), c, n = 0;
	char text[20], c1;

	inet(&in, 0);
	if (bind(u, (void *)&in, sizeof(in)) < 0 || getsockname(u, (void *)&in, &len) < 0 ||
	    bind(t, (void *)&in, sizeof(in)) < 0 || listen(t, 5) < 0)
		exit(99);
	setsockopt(t, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(u, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	snprintf(text, sizeof(text), "%d", ntohs(in.sin_port));
	put(a[0], text, O_TRUNC);
	while (recv(u, &c1, 1, 0) == 1)
		n++;
	c = accept4(t, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	printf("heard tcp %d, datagrams %d\n", c >= 0, n);
}

static void *
thread_cd(void *name)
{
	say("thread cd", name, chdir(name));
	return NULL;
}

/* The working directory belongs to the process: a thread changes it for all. */
static void
do_tcd(char **a)
{
	pthread_t t;

	pthread_create(&t, NULL, thread_cd, a[0]);
	pthread_join(t, NULL);
}

static void
do_exit(char **a)
{
	exit(atoi(a[0]));
}

static void
do_kill(char **a)
{
	fflush(stdout);
	signal(atoi(a[0]), SIG_DFL);
	raise(atoi(a[0]));
}

static const struct step {
	const char *name;
	int args;
	void (*run)(char **a);
} steps[] = {
	{"cwd", 0, do_cwd},   {"cd", 1, do_cd},	    {"at", 1, do_at},	{"cat", 1, do_cat},
	{"put", 2, do_put},   {"add", 2, do_add},   {"ln", 2, do_ln},	{"mv", 2, do_mv},
	{"mk", 1, do_mk},     {"rd", 1, do_rd},	    {"rm", 1, do_rm},	{"sym", 2, do_sym},
	{"rl", 1, do_rl},     {"fifo", 1, do_fifo}, {"st", 1, do_st},	{"ls", 1, do_ls},
	{"maps", 0, do_maps}, {"sh", 1, do_sh},	    {"self", 1, do_self}, {"echo", 1, do_echo},
	{"state", 0, do_state}, {"uname", 0, do_uname}, {"unix", 1, do_unix},
	{"net", 1, do_net},   {"hear", 1, do_hear}, {"tcd", 1, do_tcd}, {"exit", 1, do_exit},
	{"kill", 1, do_kill}, {"pidexe", 0, do_pidexe},
};

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc;) {
		const struct step *s = steps, *end = steps + sizeof(steps) / sizeof(*steps);

		while (s < end && strcmp(s->name, argv[i]) != 0)
			s++;
		if (s == end || i + s->args >= argc) {
			fprintf(stderr, "tool: what is %s?\n", argv[i]);
			return 99;
		}
		s->run(argv + i + 1);
		i += 1 + s->args;
	}
	return 0;
}
