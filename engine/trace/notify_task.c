/*
 * Who is who, without events of births, execs and deaths.  A process has a pidfd,
 * threads, and processes for which no descriptor was left, are known by their start
 * time: before a number is believed after some ms, that is asked whether it is another's
 * by now.
 *
 * Dead processes stay for a while (ghosts): a child that they left may call first
 * when they are gone, and needs somebody to belong to.
 */
#include "trace/notify.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "trace/peek.h"

enum { CHECK_MS = 20, AUXV_MAX = 1024, STAT_MAX = 1024 };

uint64_t
ntask_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* The beginning of /proc/TID/NAME; length, or -1. */
static ssize_t
read_proc(pid_t tid, const char *name, void *buf, size_t n)
{
	char path[64];
	ssize_t got;

	snprintf(path, sizeof(path), "/proc/%d/%s", tid, name);
	AUTO(fd_drop) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	got = read(fd, buf, n);
	return got;
}

/* AT_RANDOM of an auxiliary vector of 32-bit or 64-bit words; 0: none. */
static taddr
find_random(const char *auxv, size_t n, enum arch a)
{
	size_t word = a == ARCH_I386 ? 4 : 8;

	for (size_t at = 0; at + 2 * word <= n; at += 2 * word) {
		uint64_t key = 0, value = 0;

		memcpy(&key, auxv + at, word); /* little endian */
		memcpy(&value, auxv + at + word, word);
		if (key == AT_RANDOM)
			return value;
	}
	return 0;
}

/* Where it was found, or 0. */
static taddr
read_stamp(pid_t tid, enum arch a, char stamp[STAMP])
{
	char auxv[AUXV_MAX];
	ssize_t n = read_proc(tid, "auxv", auxv, sizeof(auxv));
	taddr at = n > 0 ? find_random(auxv, (size_t)n, a) : 0;

	return at && peek_bytes(tid, at, stamp, STAMP) == 0 ? at : 0;
}

/* A fork has its parent's bytes at its parent's address. */
static bool
is_of_image(const struct nimage *im, pid_t tid)
{
	char stamp[STAMP];

	return im && peek_bytes(tid, im->at, stamp, STAMP) == 0 &&
	       memcmp(stamp, im->stamp, STAMP) == 0;
}

/* Field 22 of /proc/TID/stat, plus 1; 0: gone. */
static uint64_t
start_time(pid_t tid)
{
	char text[STAT_MAX];
	ssize_t n = read_proc(tid, "stat", text, sizeof(text) - 1);
	const char *s;

	if (n <= 0)
		return 0;
	text[n] = '\0';
	s = strrchr(text, ')');
	for (int field = 2; s && field < 22; field++)
		s = strchr(s + 1, ' ');
	return s ? strtoull(s, NULL, 10) + 1 : 0;
}

static pid_t
status_field(pid_t tid, const char *field)
{
	char text[STAT_MAX];
	ssize_t n = read_proc(tid, "status", text, sizeof(text) - 1);
	const char *s;

	if (n <= 0)
		return 0;
	text[n] = '\0';
	s = strstr(text, field);
	return s ? (pid_t)strtol(s + strlen(field), NULL, 10) : 0;
}

static struct ntask *
task_find(struct notify *n, pid_t tid)
{
	struct map_slot *s = map_get(&n->tasks, (const char *)&tid, sizeof(tid));

	return s ? s->p : NULL;
}

static struct ntask *
task_add(struct notify *n, pid_t tid, struct ntask *leader)
{
	struct ntask *x = mem_alloc(sizeof(*x));

	x->p.tid = tid;
	x->p.tgid = leader ? leader->p.tid : tid;
	x->leader = leader ? leader : x;
	x->pidfd = -1;
	if (leader) {
		x->next = leader->next;
		leader->next = x;
	}
	map_put(&n->tasks, (const char *)&tid, sizeof(tid))->p = x;
	return x;
}

static void
image_leave(struct notify *n, struct ntask *x)
{
	if (!x->image)
		return;
	*x->at = x->peer;
	if (x->peer)
		x->peer->at = x->at;
	if (!x->image->first) {
		if (n->forker == x->image)
			n->forker = NULL;
		map_del(&n->images, x->image->stamp, STAMP);
		free(x->image);
	}
	x->image = NULL;
}

static struct nimage *
image_find(struct notify *n, const char stamp[STAMP])
{
	struct map_slot *s = map_get(&n->images, stamp, STAMP);

	return s ? s->p : NULL;
}

static struct nimage *
image_get(struct notify *n, const char stamp[STAMP], taddr at)
{
	struct map_slot *s = map_put(&n->images, stamp, STAMP);
	struct nimage *im = s->p;

	if (!im) {
		im = s->p = mem_alloc(sizeof(*im));
		memcpy(im->stamp, stamp, STAMP);
		im->at = at;
	}
	return im;
}

static void
image_join(struct ntask *x, struct nimage *im)
{
	x->image = im;
	x->peer = im->first;
	if (x->peer)
		x->peer->at = &x->peer;
	x->at = &im->first;
	im->first = x;
}

static void
wait_once(struct notify *n)
{
	n->waiting++;
	pthread_cond_wait(&n->idle, &n->lock);
	n->waiting--;
}

/* For the one who takes it out of the table. */
static void
wait_idle(struct notify *n, struct ntask *x)
{
	while (x->busy)
		wait_once(n);
}

void
ntask_release(struct notify *n, struct ntask *x)
{
	x->busy = false;
	if (n->waiting)
		pthread_cond_broadcast(&n->idle);
}

static void
task_free(struct notify *n, struct ntask *x, int status)
{
	image_leave(n, x);
	n->trace->ops->on_gone(n->trace->ctx, &x->p, status);
	free(x);
}

static void
drop_threads(struct notify *n, struct ntask *leader)
{
	while (leader->next) {
		struct ntask *x = leader->next;

		leader->next = x->next;
		map_del(&n->tasks, (const char *)&x->p.tid, sizeof(x->p.tid));
		wait_idle(n, x);
		task_free(n, x, 0);
	}
}

/* The call of `by` has started another program: only one thread is left. */
static void
exec_done(struct notify *n, struct ntask *leader)
{
	struct ntask *by = leader->exec_by;

	leader->exec_by = NULL;
	if (by != leader) {
		void *user = leader->p.user;

		wait_idle(n, leader);
		leader->p.user = by->p.user;
		by->p.user = user;
	}
	drop_threads(n, leader);
	n->trace->ops->on_exec(n->trace->ctx, &leader->p);
}

/* x, a thread of this process, is asleep in a call: what became of the execve? */
static void
exec_check(struct notify *n, struct ntask *leader, pid_t tid, enum arch a)
{
	char stamp[STAMP];
	bool by_itself = leader->exec_by->p.tid == tid;
	taddr at = read_stamp(tid, a, stamp);

	if (!at) {
		/* memory that may not be read: a success, unless another thread
		 * is still in that call */
		if (by_itself || tid == leader->p.tid)
			exec_done(n, leader);
		return;
	}
	if (leader->image && memcmp(stamp, leader->image->stamp, STAMP) == 0) {
		if (by_itself)
			leader->exec_by = NULL;
		return;
	}
	image_leave(n, leader);
	image_join(leader, image_get(n, stamp, at));
	exec_done(n, leader);
}

static void
ghost_add(struct notify *n, struct ntask *x)
{
	struct ntask **slot = &n->ghost[n->nghosts++ % GHOSTS];

	if (*slot)
		task_free(n, *slot, 0);
	*slot = x;
	x->ghost = true;
}

void
ntask_reap(struct notify *n)
{
	struct epoll_event ev;

	/* one at a time: with its pidfd closed, nobody else gets it */
	while (epoll_wait(n->deaths, &ev, 1, 0) == 1)
		ntask_died(n, ev.data.ptr);
}

void
ntask_died(struct notify *n, struct ntask *x)
{
	map_del(&n->tasks, (const char *)&x->p.tid, sizeof(x->p.tid));
	if (x->pidfd >= 0) {
		/* while the guard has not yet closed its copy, close is not enough */
		epoll_ctl(n->deaths, EPOLL_CTL_DEL, x->pidfd, NULL);
		close(x->pidfd);
	}
	x->pidfd = -1;
	guard_forget(&n->guard, x->slot);
	wait_idle(n, x);
	x->p.state = PROC_DEAD;
	if (x->exec_by)
		exec_done(n, x);
	drop_threads(n, x);
	ghost_add(n, x);
}

static void
thread_gone(struct notify *n, struct ntask *x)
{
	struct ntask **at = &x->leader->next;

	map_del(&n->tasks, (const char *)&x->p.tid, sizeof(x->p.tid));
	while (*at != x)
		at = &(*at)->next;
	*at = x->next;
	if (x->leader->exec_by == x)
		x->leader->exec_by = NULL;
	wait_idle(n, x);
	task_free(n, x, 0);
}

/* Whose child it is: somebody of the same image, at best the parent itself. */
static struct ntask *
parent_of(struct notify *n, pid_t tid, const struct nimage *im)
{
	struct ntask *x;

	if (im && !im->first->peer)
		return im->first;
	x = task_find(n, status_field(tid, "\nPPid:"));
	if (x && (!im || x->image == im))
		return x;
	return im ? im->first : x;
}

static void
watch(struct notify *n, struct ntask *x, int pidfd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = x };

	x->pidfd = pidfd;
	if (pidfd < 0 || epoll_ctl(n->deaths, EPOLL_CTL_ADD, pidfd, &ev) < 0)
		x->started = start_time(x->p.tid);
	x->checked = ntask_now_ms();
	x->slot = guard_watch(&n->guard, x->p.tid);
}

static struct ntask *
leader_add(struct notify *n, pid_t tgid, pid_t tid, int pidfd, enum arch a)
{
	char stamp[STAMP];
	bool known = is_of_image(n->forker, tid);
	taddr at = known ? 0 : read_stamp(tid, a, stamp);
	struct nimage *im = known ? n->forker : at ? image_find(n, stamp) : NULL;
	struct ntask *parent = parent_of(n, tgid, im);
	struct ntask *x = task_add(n, tgid, NULL);

	watch(n, x, pidfd);
	n->trace->ops->on_new(n->trace->ctx, &x->p, parent ? &parent->p : NULL,
			      BIRTH_FORK);
	if (at && !im)
		im = image_get(n, stamp, at);
	if (im)
		image_join(x, im);
	n->forker = im;
	return x;
}

static struct ntask *
thread_add(struct notify *n, struct ntask *leader, pid_t tid)
{
	struct ntask *x = task_add(n, tid, leader);

	x->started = start_time(tid);
	x->checked = ntask_now_ms();
	n->trace->ops->on_new(n->trace->ctx, &x->p, &leader->p, BIRTH_CLONE);
	return x;
}

static struct ntask *
task_new(struct notify *n, pid_t tid, enum arch a)
{
	int pidfd = (int)syscall(SYS_pidfd_open, tid, 0);
	bool none_left = pidfd < 0 && (errno == EMFILE || errno == ENFILE);
	pid_t tgid = pidfd >= 0 ? tid : status_field(tid, "\nTgid:");
	struct ntask *leader = tgid == tid ? NULL : task_find(n, tgid);

	if (tgid <= 0)
		return NULL;
	if (none_left && !n->no_pidfd_said) {
		n->no_pidfd_said = true;
		log_debug("no descriptor is left to watch process %d", tgid);
	}
	if (pidfd < 0 && !leader)
		pidfd = (int)syscall(SYS_pidfd_open, tgid, 0);
	if (!leader)
		leader = leader_add(n, tgid, tid, pidfd, a);
	else if (leader->exec_by)
		exec_check(n, leader, tid, a);
	return tgid == tid ? leader : thread_add(n, leader, tid);
}

/* Has the number gone to somebody else? */
static bool
is_stale(struct ntask *x)
{
	struct pollfd p = { x->pidfd, POLLIN, 0 };
	uint64_t now = ntask_now_ms();

	if (now - x->checked < CHECK_MS)
		return false;
	x->checked = now;
	return x->started ? start_time(x->p.tid) != x->started : poll(&p, 1, 0) > 0;
}

struct ntask *
ntask_of(struct notify *n, pid_t tid, enum arch a)
{
	struct ntask *x = task_find(n, tid);

	if (!x) {
		ntask_reap(n); /* gives descriptors back */
		x = task_find(n, tid);
	}
	/* a call that a signal interrupted is delivered again, perhaps while we are
	 * still at the first (PTRACE.md 50) */
	while (x && x->busy) {
		wait_once(n); /* after it x may be no more */
		x = task_find(n, tid);
	}
	if (x && is_stale(x)) {
		if (x->leader == x)
			ntask_died(n, x);
		else
			thread_gone(n, x);
		x = NULL;
	}
	if (!x)
		return task_new(n, tid, a);
	if (x->leader->exec_by)
		exec_check(n, x->leader, tid, a);
	return task_find(n, tid);
}

struct ntask *
ntask_first(struct notify *n, pid_t pid)
{
	struct ntask *x = task_add(n, pid, NULL);
	taddr at = getauxval(AT_RANDOM);
	char stamp[STAMP];

	watch(n, x, (int)syscall(SYS_pidfd_open, pid, 0));
	n->trace->ops->on_new(n->trace->ctx, &x->p, NULL, BIRTH_FIRST);
	memcpy(stamp, (const void *)at, STAMP);
	image_join(x, image_get(n, stamp, at));
	n->forker = x->image;
	return x;
}

void
ntask_end(struct notify *n)
{
	struct map_slot *s;

	while ((s = map_next(&n->tasks, NULL))) {
		struct ntask *x = s->p;

		if (x->leader == x)
			ntask_died(n, x);
		else
			ntask_died(n, x->leader);
	}
	for (size_t i = 0; i < GHOSTS; i++)
		if (n->ghost[i])
			task_free(n, n->ghost[i], 0);
	memset(n->ghost, 0, sizeof(n->ghost));
	map_fini(&n->tasks);
	map_fini(&n->images);
}
