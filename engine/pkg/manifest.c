/*
 * manifest.db, as those see it who have something to put in: a row is a statement's number
 * and its values, appended to one buffer, which manifest_write.c takes.
 */
#include <stdarg.h>
#include <string.h>

#include "pkg/manifest_priv.h"

enum { BATCH_ROWS = 5000, BATCH_SECONDS = 2 };
enum { QUEUE_MAX = 16 << 20 }; /* bytes, of what waits for manifest_flush */

struct sqlite3 *
manifest_db(struct manifest *m)
{
	return m->db;
}

/* [stmt][number of values], then per value its letter and: 'i' an integer and 'p' a
 * process of the run, 8 bytes; 's' 4 bytes of length and the text; 'n' NULL and 'r' the
 * run, nothing. */
static void
add_values(struct str *q, const char *types, va_list ap)
{
	for (; *types; types++) {
		const char *text;

		if (*types == 'r') {
			str_addc(q, 'r');
		} else if (*types == 's') {
			text = va_arg(ap, const char *);
			str_addc(q, text ? 's' : 'n');
			if (text) {
				uint32_t n = strlen(text);

				str_addn(q, (char *)&n, sizeof(n));
				str_addn(q, text, n);
			}
		} else {
			int64_t v = va_arg(ap, int64_t);

			str_addc(q, *types);
			str_addn(q, (char *)&v, sizeof(v));
		}
	}
}

/* Is it time to write, for somebody who only wants to add a row? */
static bool
is_due(struct manifest *m)
{
	time_t now;

	if (m->patient)
		return m->queue.len > QUEUE_MAX;
	now = time(NULL);
	if (m->rows == 1)
		m->since = now;
	return m->rows % BATCH_ROWS == 0 ||
	       (!m->failed && now - m->since >= BATCH_SECONDS);
}

static void
queue(struct manifest *m, enum stmt st, const char *types, ...)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	bool due = false;
	va_list ap;

	pthread_mutex_lock(&m->lock);
	if (!m->lost) {
		str_addc(&m->queue, (char)st);
		str_addc(&m->queue, (char)strlen(types));
		va_start(ap, types);
		add_values(&m->queue, types, ap);
		va_end(ap);
		m->rows++;
		due = is_due(m);
	}
	pthread_mutex_unlock(&m->lock);
	if (due)
		manifest_flush(m, &e);
}

void
manifest_be_patient(struct manifest *m, bool on)
{
	m->patient = on;
}

static int64_t
ns_of(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void
join_argv(char *const *argv, struct str *out)
{
	for (; *argv; argv++) {
		if (out->len)
			str_addc(out, ' ');
		str_add_quoted(out, *argv);
	}
}

void
manifest_run(struct manifest *m, const struct manifest_command *c)
{
	AUTO(str_fini) struct str words = STR_INIT;
	struct timespec now;

	join_argv(c->argv, &words);
	clock_gettime(CLOCK_REALTIME, &now);
	m->processes = m->accesses = 0;
	queue(m, ST_RUN, "ssiss", words.s, c->cwd, ns_of(now) / 1000000, c->engine,
	      c->home);
}

void
manifest_run_end(struct manifest *m, int status, double seconds)
{
	queue(m, ST_RUN_END, "rii", (int64_t)status, (int64_t)(seconds * 1e6));
}

int64_t
manifest_process(struct manifest *m, int64_t parent, pid_t pid, const char *exe,
		 const char *argv_joined)
{
	int64_t id = ++m->processes;

	queue(m, ST_PROCESS, "prpiss", id, parent, (int64_t)pid, exe, argv_joined);
	return id;
}

static const char *
kind_of(mode_t mode)
{
	return S_ISREG(mode)	? "f"
	       : S_ISDIR(mode)	? "d"
	       : S_ISLNK(mode)	? "l"
	       : S_ISFIFO(mode) ? "p"
	       : S_ISSOCK(mode) ? "s"
	       : S_ISCHR(mode)	? "c"
	       : S_ISBLK(mode)	? "b"
				: "?";
}

void
manifest_file(struct manifest *m, const struct manifest_file *f)
{
	const struct stat *st = &f->st;

	queue(m, f->state == FILE_PLACEHOLDER ? ST_PLACEHOLDER : ST_FILE,
	      "ssiiiiiiiisiisr", f->path, kind_of(st->st_mode), (int64_t)st->st_mode,
	      (int64_t)st->st_uid, (int64_t)st->st_gid, (int64_t)st->st_size,
	      ns_of(st->st_mtim), ns_of(st->st_ctim), (int64_t)st->st_dev,
	      (int64_t)st->st_ino, f->link, (int64_t)f->state, (int64_t)f->listed,
	      f->note);
}

void
manifest_access(struct manifest *m, const char *path, int64_t process, unsigned kinds,
		const char *call)
{
	queue(m, ST_ACCESS, "spisi", path, process, (int64_t)kinds, call, ++m->accesses);
}

void
manifest_listing(struct manifest *m, const char *dir, const char *name, char type)
{
	char text[2] = { type, '\0' };

	queue(m, ST_LISTING, "sssr", dir, name, text);
}

void
manifest_miss(struct manifest *m, const char *path, const char *call, int err,
	      int64_t process, unsigned count)
{
	queue(m, ST_MISS, "rssipi", path, call, (int64_t)err, process, (int64_t)count);
}

void
manifest_note(struct manifest *m, const char *what, unsigned count)
{
	queue(m, ST_NOTE, "rsi", what, (int64_t)count);
}

static const char *
text_or_null(const char *s)
{
	return s && *s ? s : NULL;
}

void
manifest_origin(struct manifest *m, const char *path, const struct manifest_origin *o)
{
	queue(m, ST_ORIGIN, "sssss", path, o->class, text_or_null(o->package),
	      text_or_null(o->version), text_or_null(o->sum));
}
