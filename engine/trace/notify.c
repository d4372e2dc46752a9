#include "trace/notify.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "trace/listener.h"
#include "trace/peek.h"

enum { EVENTS = 4, REST_MS = 20, IDLE_MS = 100, LOOK_EVERY = 8, CROWDED = 8 };

/* What the epoll set tells of. */
static char signal_mark, end_mark, death_mark;

static bool
is_exec(const struct proc *p)
{
	return p->row && p->row->operand[0].effect == EFF_EXEC;
}

/* What the child has set until there is a guard is not for the program to see
 * (PTRACE.md 71).  True: it has its answer, which is 0. */
static bool
hides_deathsig(struct notify *n, const struct proc *p)
{
	const int none = 0, last = 64;

	if (!p->row || !(p->row->flags & SYS_PRCTL) || p->tid != n->trace->first)
		return false;
	if ((int)p->sys.arg[0] == PR_SET_PDEATHSIG && p->sys.arg[1] <= last)
		n->own_deathsig = true;
	return (int)p->sys.arg[0] == PR_GET_PDEATHSIG && !n->own_deathsig &&
	       poke_bytes(p->tid, p->sys.arg[1], &none, sizeof(none)) == 0;
}

/* A thread sleeps in this call; returns when it may go on, or (true) has its answer. */
static bool
handle(struct notify *n, const struct seccomp_notif *req)
{
	const struct trace *t = n->trace;
	struct ntask *x;
	bool answered;

	pthread_mutex_lock(&n->lock);
	x = ntask_of(n, (pid_t)req->pid, listener_arch(&req->data));
	if (x)
		x->busy = true;
	pthread_mutex_unlock(&n->lock);
	if (!x)
		return false;
	listener_call(&x->p, &req->data);
	x->p.will_fail = false;
	t->ops->on_enter(t->ctx, &x->p);
	pthread_mutex_lock(&n->lock);
	if (is_exec(&x->p) && !x->p.will_fail)
		x->leader->exec_by = x;
	answered = hides_deathsig(n, &x->p);
	ntask_release(n, x);
	pthread_mutex_unlock(&n->lock);
	return answered;
}

static bool
is_over(struct notify *n)
{
	struct pollfd p = { n->listener, 0, 0 };

	return __atomic_load_n(&n->over, __ATOMIC_RELAXED) ||
	       (poll(&p, 1, 0) > 0 && p.revents & (POLLHUP | POLLERR));
}

static bool
is_more(const struct notify *n)
{
	struct pollfd p = { n->listener, POLLIN, 0 };

	return poll(&p, 1, 0) > 0 && p.revents & POLLIN;
}

static void *supervisor(void *arg);

/* False: there is none, or it was not needed any more: who ends them must know all. */
static bool
supervisor_add(struct notify *n)
{
	bool added;
	unsigned i;

	pthread_mutex_lock(&n->lock);
	i = n->nthreads;
	/* counted first: the new one looks at it */
	__atomic_store_n(&n->nthreads, i + 1, __ATOMIC_RELAXED);
	added = !n->over && pthread_create(&n->thread[i], NULL, supervisor, n) == 0;
	if (!added)
		__atomic_store_n(&n->nthreads, i, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&n->lock);
	return added;
}

/* The kernel wakes all that wait in NOTIF_RECV for each call (PTRACE.md 58): the second
 * one starts when the first, alone so far, often finds more calls than it can do.  It
 * stays; to wake it for each call would cost more than the kernel does. */
static void
ask_for_help(struct notify *n)
{
	if (__atomic_load_n(&n->nthreads, __ATOMIC_RELAXED) < SUPERVISORS &&
	    n->seen % LOOK_EVERY == 0 && is_more(n) && ++n->crowded == CROWDED)
		supervisor_add(n);
}

/* A call, and its answer. */
struct turn {
	struct seccomp_notif *req; /* as long as the kernel's */
	struct seccomp_notif_resp *resp;
};

static struct turn
turn_new(const struct notify *n)
{
	return (struct turn){ mem_alloc(n->request), mem_alloc(n->response) };
}

static void
turn_fini(struct turn *x)
{
	free(x->req);
	free(x->resp);
}

/* False: a signal or death took the call back. */
static bool
take_turn(struct notify *n, const struct turn *x)
{
	memset(x->req, 0, n->request);
	if (ioctl(n->listener, SECCOMP_IOCTL_NOTIF_RECV, x->req) < 0)
		return false;
	__atomic_add_fetch(&n->seen, 1, __ATOMIC_RELAXED);
	ask_for_help(n);
	x->resp->flags = handle(n, x->req) ? 0 : SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	x->resp->id = x->req->id;
	ioctl(n->listener, SECCOMP_IOCTL_NOTIF_SEND, x->resp);
	return true;
}

static void *
supervisor(void *arg)
{
	struct notify *n = arg;
	AUTO(turn_fini) struct turn x = turn_new(n);

	while (take_turn(n, &x) || !is_over(n))
		;
	return NULL;
}

/* The first program is our child: its stops and its end. */
static void
reap_first(struct trace *t)
{
	int st;

	while (!t->first_gone &&
	       waitpid(t->first, &st, WNOHANG | WUNTRACED) == t->first) {
		if (WIFSTOPPED(st)) {
			trace_stop_like(t, WSTOPSIG(st));
			continue;
		}
		t->first_status = st;
		t->first_gone = true;
	}
}

static void
hear_signal(struct notify *n)
{
	struct signalfd_siginfo si;

	if (read(n->signals, &si, sizeof(si)) > 0)
		reap_first(n->trace);
}

/* The first execve takes as long as what is to be done before the program runs: that
 * goes on meanwhile, on another processor, and only then caller and supervisor share
 * one. */
static void
first_turn(struct notify *n)
{
	struct pollfd p[] = { { n->listener, POLLIN, 0 }, { n->signals, POLLIN, 0 } };
	AUTO(turn_fini) struct turn x = turn_new(n);

	while (!p[0].revents && !n->trace->first_gone)
		if (poll(p, 2, -1) > 0 && p[1].revents)
			hear_signal(n);
	if (p[0].revents & POLLIN)
		take_turn(n, &x);
	if (n->trace->ops->on_start)
		n->trace->ops->on_start(n->trace->ctx);
	listener_wake_here(n->listener);
}

/* A pidfd for each process: as many descriptors as we may have. */
static void
raise_limit(void)
{
	struct rlimit lim;

	if (getrlimit(RLIMIT_NOFILE, &lim) == 0 && lim.rlim_cur < lim.rlim_max) {
		lim.rlim_cur = lim.rlim_max;
		setrlimit(RLIMIT_NOFILE, &lim);
	}
}

int
notify_attach(struct trace *t, pid_t first, int listener)
{
	struct notify *n = mem_alloc(sizeof(*n));
	int r;

	n->trace = t;
	n->guard = (struct guard)GUARD_INIT;
	n->listener = listener;
	n->signals = -1;
	n->epoll = epoll_create1(EPOLL_CLOEXEC);
	n->deaths = epoll_create1(EPOLL_CLOEXEC);
	r = n->epoll < 0 || n->deaths < 0 ? -errno : guard_open(&n->guard);
	if (r < 0) {
		notify_free(n);
		return r;
	}
	t->notify = n;
	listener_sizes(&n->request, &n->response);
	pthread_mutex_init(&n->lock, NULL);
	pthread_cond_init(&n->idle, NULL);
	ntask_first(n, first);
	return 0;
}

void
notify_free(struct notify *n)
{
	if (!n)
		return;
	fd_drop(&n->listener);
	fd_drop(&n->epoll);
	fd_drop(&n->deaths);
	guard_end(&n->guard);
	free(n);
}

static void
watch_mark(struct notify *n, int op, int fd, unsigned events, char *mark)
{
	struct epoll_event ev = { .events = events, .data.ptr = mark };

	epoll_ctl(n->epoll, op, fd, &ev);
}

static void
take_event(struct notify *n, const struct epoll_event *ev, bool *over, bool *resting)
{
	if (ev->data.ptr == &signal_mark) {
		hear_signal(n);
	} else if (ev->data.ptr == &end_mark) {
		*over = true;
		epoll_ctl(n->epoll, EPOLL_CTL_DEL, n->listener, NULL);
	} else {
		*resting = true;
		pthread_mutex_lock(&n->lock);
		ntask_reap(n);
		pthread_mutex_unlock(&n->lock);
	}
}

/* Often after calls, seldom when there are none.  Returns how long that can wait. */
static int
rest(struct notify *n, uint64_t *last)
{
	const struct trace *t = n->trace;
	unsigned seen = __atomic_load_n(&n->seen, __ATOMIC_RELAXED);
	uint64_t now = ntask_now_ms();

	if (now - *last < IDLE_MS)
		return (int)(IDLE_MS - (now - *last));
	*last = now;
	if (t->ops->on_rest)
		t->ops->on_rest(t->ctx);
	if (seen == n->rested)
		return IDLE_MS * 10;
	n->rested = seen;
	return IDLE_MS;
}

/* Each wake-up takes a processor from the program, so that deaths are heard of at most
 * every REST_MS here; those who get new processes look, too. */
static void
watch_processes(struct notify *n)
{
	const unsigned once = EPOLLIN | EPOLLONESHOT;
	struct epoll_event ev[EVENTS];
	bool over = false, resting = false;
	uint64_t last = 0;
	int wait = rest(n, &last);

	watch_mark(n, EPOLL_CTL_ADD, n->deaths, once, &death_mark);
	while (!over || !n->trace->first_gone) {
		int got = epoll_wait(n->epoll, ev, EVENTS, resting ? REST_MS : wait);

		if (got == 0 && resting) {
			watch_mark(n, EPOLL_CTL_MOD, n->deaths, once, &death_mark);
			resting = false;
		}
		for (int i = 0; i < got; i++)
			take_event(n, &ev[i], &over, &resting);
		wait = rest(n, &last);
	}
}

static void
ignore_wake(int sig)
{
}

/* Before 6.6 the end of all processes does not wake those who wait to receive. */
static void
end_supervisors(struct notify *n)
{
	struct sigaction old, sa = { .sa_handler = ignore_wake };
	struct timespec until;

	pthread_mutex_lock(&n->lock);
	__atomic_store_n(&n->over, true, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&n->lock);
	sigaction(SIGURG, &sa, &old);
	for (unsigned i = 0; i < n->nthreads; i++) {
		do {
			pthread_kill(n->thread[i], SIGURG);
			clock_gettime(CLOCK_REALTIME, &until);
			until.tv_nsec += 1000000;
			if (until.tv_nsec >= 1000000000) {
				until.tv_nsec -= 1000000000;
				until.tv_sec++;
			}
		} while (pthread_timedjoin_np(n->thread[i], NULL, &until) != 0);
	}
	sigaction(SIGURG, &old, NULL);
}

/* Those that it starts later have its signal mask. */
static bool
start_supervisor(struct notify *n)
{
	sigset_t all, old;
	bool started;

	sigfillset(&all);
	sigdelset(&all, SIGURG);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	started = supervisor_add(n);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return started;
}

/* 0, or -1: the program has not run, since nobody could watch it. */
static int
supervise(struct notify *n, struct err *e)
{
	bool started = start_supervisor(n);
	int r = started ? guard_start(&n->guard, n->listener) : -EAGAIN;

	if (r < 0)
		kill(n->trace->first, SIGKILL);
	watch_processes(n);
	guard_dismiss(&n->guard);
	end_supervisors(n);
	ntask_end(n);
	return r < 0 ? err_set(e, -r,
			       started ? "the guard of the program"
				       : "a thread that watches the program")
		     : 0;
}

int
notify_run(struct notify *n, int *status, struct err *e)
{
	sigset_t chld, old;
	int r;

	raise_limit();
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, &old);
	n->signals = signalfd(-1, &chld, SFD_CLOEXEC | SFD_NONBLOCK);
	watch_mark(n, EPOLL_CTL_ADD, n->signals, EPOLLIN, &signal_mark);
	watch_mark(n, EPOLL_CTL_ADD, n->listener, 0, &end_mark);
	reap_first(n->trace);
	first_turn(n);
	r = supervise(n, e);
	fd_drop(&n->signals);
	sigprocmask(SIG_SETMASK, &old, NULL);
	*status = n->trace->first_status;
	return r;
}
