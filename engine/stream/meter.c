#include "stream/meter.h"

#include <time.h>
#include <unistd.h>

#include "base/fs.h"

enum { SECOND = 1000000000, PATIENCE = SECOND / 2, STEP = SECOND / 10 };

int64_t
meter_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec;
}

void
meter_begin(struct meter *p, const char *server, unsigned files, uint64_t bytes)
{
	*p = (struct meter){ .server = server,
			     .files_all = files,
			     .bytes_all = bytes,
			     .began = meter_now(),
			     .on = isatty(STDERR_FILENO),
			     .lock = PTHREAD_MUTEX_INITIALIZER };
}

static void
show(struct meter *p, int64_t now)
{
	AUTO(str_fini) struct str line = STR_INIT;
	double seconds = (double)(now - p->began) / SECOND;

	p->shown = now;
	str_addf(&line,
		 "\r\033[Kcde-exec: from %s: %u of %u files, %.1f of %.1f MB, %.1f MB/s",
		 p->server, p->files, p->files_all, (double)p->bytes / 1e6,
		 (double)p->bytes_all / 1e6, (double)p->bytes / 1e6 / seconds);
	fd_write_all(STDERR_FILENO, line.s, line.len);
}

void
meter_add(struct meter *p, unsigned files, uint64_t bytes)
{
	int64_t now = p->on ? meter_now() : 0;

	pthread_mutex_lock(&p->lock);
	p->files += files;
	p->bytes += bytes;
	if (p->on && now - p->began > PATIENCE && now - p->shown > STEP)
		show(p, now);
	pthread_mutex_unlock(&p->lock);
}

void
meter_end(struct meter *p)
{
	static const char wipe[] = "\r\033[K";

	if (p->shown)
		fd_write_all(STDERR_FILENO, wipe, sizeof(wipe) - 1);
	p->shown = 0;
}
