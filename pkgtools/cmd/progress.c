#include "cmd/progress.h"

#include <inttypes.h>
#include <unistd.h>

#include "base/fs.h"
#include "inspect/text.h"

static double
seconds(const struct timespec *from, const struct timespec *to)
{
	return (to->tv_sec - from->tv_sec) + (to->tv_nsec - from->tv_nsec) / 1e9;
}

void
progress_begin(struct progress *p, const char *verb, uint64_t files, uint64_t bytes)
{
	*p = (struct progress){ .verb = verb, .files = files, .bytes = bytes };
	p->wanted = isatty(STDERR_FILENO);
	clock_gettime(CLOCK_MONOTONIC, &p->begin);
	p->last = p->begin;
}

static void
add_rate(const struct progress *p, uint64_t files, uint64_t bytes, double spent,
	 struct str *line)
{
	double done = p->bytes	 ? (double)bytes / p->bytes
		      : p->files ? (double)files / p->files
				 : 0;

	if (bytes) {
		str_add(line, "  ");
		text_size(line, bytes);
		str_add(line, ", ");
		text_size(line, (uint64_t)(bytes / spent));
		str_add(line, "/s");
	}
	if (done > 0.01 && done < 1)
		str_addf(line, ", %.0f s left", spent / done * (1 - done));
}

void
progress_at(struct progress *p, uint64_t files, uint64_t bytes)
{
	AUTO(str_fini) struct str line = STR_INIT;
	struct timespec now;
	double spent;

	if (!p->wanted)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	spent = seconds(&p->begin, &now);
	if (spent < 0.5 || (p->shown && seconds(&p->last, &now) < 0.1))
		return;
	p->last = now;
	p->shown = true;
	str_addf(&line, "\r\033[K%s  %" PRIu64, p->verb, files);
	if (p->files)
		str_addf(&line, "/%" PRIu64, p->files);
	str_add(&line, " files");
	add_rate(p, files, bytes, spent, &line);
	fd_write_all(STDERR_FILENO, line.s, line.len);
}

void
progress_end(struct progress *p)
{
	static const char wipe[] = "\r\033[K";

	if (p->shown)
		fd_write_all(STDERR_FILENO, wipe, sizeof(wipe) - 1);
	p->shown = false;
}
