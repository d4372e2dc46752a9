/*
 * A slow wire between two network namespaces, for kernels without netem: two tun
 * devices, and a queue each way that holds packets back for half of the round trip and
 * for as long as they take at the rate.  Ends by SIGTERM.
 *
 *	slowlink NAMESPACE_A TUN_A NAMESPACE_B TUN_B RTT_MS MBIT
 *
 * Needs root.  Prints a line when the devices are there.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { PACKETS = 1 << 15, PACKET_MOST = 1 << 16 };

static const int64_t never = INT64_MAX;

struct packet {
	int64_t due; /* ns */
	size_t len;
	char *data;
};

struct way {
	int in, out;
	size_t head, tail; /* count up */
	int64_t free_at;   /* when the wire has sent what it has */
	struct packet q[PACKETS];
};

struct wire {
	int64_t delay;	    /* ns, one way */
	double ns_per_byte; /* 0: no limit */
	struct way way[2];
};

static int64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static int
open_tun(const char *ns, const char *name)
{
	struct ifreq r = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	char path[256];
	int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), other, fd;

	snprintf(path, sizeof(path), "/run/netns/%s", ns);
	other = open(path, O_RDONLY | O_CLOEXEC);
	if (own < 0 || other < 0 || setns(other, CLONE_NEWNET) < 0)
		die(path);
	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &r) < 0)
		die("/dev/net/tun");
	if (setns(own, CLONE_NEWNET) < 0)
		die("setns");
	close(own);
	close(other);
	return fd;
}

/* From the sender into the queue; when that is full, as on any wire: dropped. */
static void
take(const struct wire *w, struct way *x)
{
	char buf[PACKET_MOST];
	ssize_t n;

	while ((n = read(x->in, buf, sizeof(buf))) > 0) {
		struct packet *p = &x->q[x->head % PACKETS];
		int64_t now = now_ns();

		if (x->head - x->tail == PACKETS)
			continue;
		if (x->free_at < now)
			x->free_at = now;
		x->free_at += (int64_t)((double)n * w->ns_per_byte);
		p->due = x->free_at + w->delay;
		p->len = (size_t)n;
		p->data = malloc(p->len);
		if (!p->data)
			die("malloc");
		memcpy(p->data, buf, p->len);
		x->head++;
	}
}

/* What is due to the receiver.  When the next one is. */
static int64_t
give(struct way *x)
{
	for (; x->tail != x->head; x->tail++) {
		struct packet *p = &x->q[x->tail % PACKETS];

		if (p->due > now_ns())
			return p->due;
		if (write(x->out, p->data, p->len) < 0 && errno == EAGAIN)
			return now_ns() + 100000;
		free(p->data);
	}
	return never;
}

static void
carry(struct wire *w)
{
	for (;;) {
		int64_t a = give(&w->way[0]), b = give(&w->way[1]), due = a < b ? a : b;
		int64_t left = due == never ? 0 : due - now_ns();
		struct timespec t = { 0 };
		struct pollfd p[2] = { { w->way[0].in, POLLIN, 0 },
				       { w->way[1].in, POLLIN, 0 } };

		if (left > 0)
			t = (struct timespec){ left / 1000000000, left % 1000000000 };
		if (ppoll(p, 2, due == never ? NULL : &t, NULL) <= 0)
			continue;
		for (int i = 0; i < 2; i++)
			if (p[i].revents)
				take(w, &w->way[i]);
	}
}

int
main(int argc, char **argv)
{
	struct wire *w = calloc(1, sizeof(*w));
	double rate;

	if (argc != 7 || !w) {
		fputs("slowlink NAMESPACE_A TUN_A NAMESPACE_B TUN_B RTT_MS MBIT\n", stderr);
		return 2;
	}
	w->way[0].in = w->way[1].out = open_tun(argv[1], argv[2]);
	w->way[1].in = w->way[0].out = open_tun(argv[3], argv[4]);
	w->delay = (int64_t)(atof(argv[5]) * 500000);
	rate = atof(argv[6]);
	w->ns_per_byte = rate > 0 ? 8000 / rate : 0;
	prctl(PR_SET_TIMERSLACK, 1000);
	puts("ready");
	fflush(stdout);
	carry(w);
}
