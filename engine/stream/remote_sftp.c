/* Listing and fetching through SFTP: many at once, each with many requests at once. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "path/lex.h"
#include "stream/line_priv.h"
#include "stream/meter.h"

/*
 * The number of requests that are out at a time: 2 MB of file content, which is more
 * than what is under way on 100 Mbit/s with a delay of 100 ms; and as much as ssh
 * lets through without being asked again.
 */
enum {
	READ_SIZE = 32 << 10,
	READS_MOST = 64,
	READS_SOON = 32,
	READS_LEAST = 10, /* of guesses; see set_window */
	OPEN_MOST = 96,
	READDIRS = 8,
	PATIENCE = 5000000, /* ns */
};

struct job {
	struct traffic *t;
	struct run *run;
	struct remote_list *list;
	struct remote_fetch *fetch;
	char *handle;
	size_t handle_len;
	size_t waiting; /* answers to come */
	uint64_t at;	/* where the next READ starts */
	bool begun, opened, over, ended, closing, short_read;
};

struct link { /* READLINK under way */
	struct job *job;
	struct names_entry *entry;
};

struct piece { /* READ under way */
	struct job *job;
	uint64_t at;
	int64_t asked;
	uint32_t n;
};

static void
ask_name(struct job *j, int type, const char *dir, const char *name, sftp_answer *answer)
{
	AUTO(str_fini) struct str path = STR_INIT;

	str_set(&path, j->t->root);
	str_add(&path, dir);
	if (name)
		path_append(&path, name);
	sftp_begin(j->t->c, type, answer, j);
	sftp_add_bytes(j->t->c, path.s, path.len);
	j->waiting++;
}

static void
ask_handle(struct job *j, int type, sftp_answer *answer, void *ctx)
{
	sftp_begin(j->t->c, type, answer, ctx);
	sftp_add_bytes(j->t->c, j->handle, j->handle_len);
	j->waiting++;
}

static bool
take_handle(struct job *j, struct sftp_reply *r)
{
	const char *p;

	if (r->type != SSH_FXP_HANDLE)
		return false;
	p = reply_bytes(r, &j->handle_len);
	j->handle = mem_dup(p, j->handle_len);
	return true;
}

/* Nobody waits for the answer; the job may be gone when it comes. */
static void
on_close(void *ctx, struct sftp_reply *r)
{
}

static void
close_handle(struct job *j)
{
	j->closing = true;
	sftp_begin(j->t->c, SSH_FXP_CLOSE, on_close, NULL);
	sftp_add_bytes(j->t->c, j->handle, j->handle_len);
	sftp_send(j->t->c);
}

static void
job_over(struct job *j)
{
	j->over = true;
	j->run->done++;
	j->t->open--;
}

static void list_step(struct job *j);

static void
on_link(void *ctx, struct sftp_reply *r)
{
	struct link *l = ctx;
	struct job *j = l->job;
	size_t n = 0;
	const char *p;

	if (r->type == SSH_FXP_NAME && reply_u32(r) == 1) {
		p = reply_bytes(r, &n);
		if (n && !memchr(p, 0, n)) {
			AUTO(str_fini) struct str text = STR_INIT;

			str_setn(&text, p, n);
			free(l->entry->text);
			l->entry->text = str_take(&text);
		}
	}
	free(l);
	j->waiting--;
	list_step(j);
}

static void
ask_link(struct job *j, const char *name, struct names_entry *x)
{
	const struct link l = { j, x };
	AUTO(str_fini) struct str path = STR_INIT;

	str_set(&path, j->t->root);
	str_add(&path, j->list->dir);
	path_append(&path, name);
	sftp_begin_owned(j->t->c, SSH_FXP_READLINK, on_link, mem_dup(&l, sizeof(l)));
	sftp_add_bytes(j->t->c, path.s, path.len);
	sftp_send(j->t->c);
	j->waiting++;
}

static void
add_name(struct job *j, struct sftp_reply *r)
{
	AUTO(str_fini) struct str name = STR_INIT;
	struct names_entry *x;
	struct sftp_attrs a;
	struct stat st = { 0 };
	size_t n;
	const char *p = reply_bytes(r, &n);

	str_setn(&name, p, n);
	reply_bytes(r, &n); /* the line that ls would print */
	a = reply_attrs(r);
	if (r->bad || !name.len || memchr(name.s, '/', name.len) ||
	    strlen(name.s) != name.len || !strcmp(name.s, ".") || !strcmp(name.s, ".."))
		return;
	st.st_mode = a.mode;
	st.st_size = (off_t)a.size;
	st.st_mtim.tv_sec = a.mtime;
	x = names_add(&j->list->names, name.s, name.len);
	names_from_stat(x, &st);
	if (x->type == NAMES_LINK && !x->text) {
		x->text = mem_strdup("");
		ask_link(j, name.s, x);
	}
}

static void
on_readdir(void *ctx, struct sftp_reply *r)
{
	struct job *j = ctx;
	int error;

	j->waiting--;
	if (r->type == SSH_FXP_NAME) {
		for (uint32_t n = reply_u32(r); n && !r->bad; n--)
			add_name(j, r);
		if (!j->ended) {
			ask_handle(j, SSH_FXP_READDIR, on_readdir, j);
			sftp_send(j->t->c);
		}
	} else {
		error = reply_status(r);
		j->ended = true;
		if (error != -ENODATA && !j->list->error)
			j->list->error = error ? error : -EIO;
	}
	list_step(j);
}

static void
on_opendir(void *ctx, struct sftp_reply *r)
{
	struct job *j = ctx;

	j->waiting--;
	if (take_handle(j, r)) {
		j->opened = true;
		for (int i = 0; i < READDIRS; i++) {
			ask_handle(j, SSH_FXP_READDIR, on_readdir, j);
			sftp_send(j->t->c);
		}
	} else {
		j->list->error = reply_status(r);
		if (!j->list->error)
			j->list->error = -EIO;
		j->ended = true;
	}
	list_step(j);
}

/* All that was asked is answered. */
static void
list_step(struct job *j)
{
	if (j->waiting)
		return;
	if (j->opened)
		close_handle(j);
	job_over(j);
}

static void fetch_step(struct job *j);

static void
fail(struct job *j, int error)
{
	if (!j->fetch->error)
		j->fetch->error = error;
}

static void
take_state(struct job *j, struct sftp_reply *r)
{
	struct stat st = { .st_mode = S_IFREG };
	struct sftp_attrs a;

	if (r->type != SSH_FXP_ATTRS) {
		fail(j, -EIO);
		return;
	}
	a = reply_attrs(r);
	if (a.has_mode)
		st.st_mode = a.mode;
	st.st_size = (off_t)a.size;
	st.st_mtim.tv_sec = a.mtime;
	names_from_stat(&j->fetch->got, &st);
}

static void
on_fstat(void *ctx, struct sftp_reply *r)
{
	struct job *j = ctx;

	j->waiting--;
	take_state(j, r);
	fetch_step(j);
}

static void on_read(void *ctx, struct sftp_reply *r);

static void
ask_read(struct job *j, uint64_t at, uint32_t n)
{
	const struct piece p = { j, at, meter_now(), n };

	sftp_begin_owned(j->t->c, SSH_FXP_READ, on_read, mem_dup(&p, sizeof(p)));
	sftp_add_bytes(j->t->c, j->handle, j->handle_len);
	j->waiting++;
	sftp_add_u64(j->t->c, at);
	sftp_add_u32(j->t->c, n);
	sftp_send(j->t->c);
	j->t->reading++;
}

static int
write_at(int fd, const char *p, size_t n, uint64_t at)
{
	while (n) {
		ssize_t done = pwrite(fd, p, n, (off_t)at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		p += done;
		n -= (size_t)done;
		at += (uint64_t)done;
	}
	return 0;
}

/*
 * Guesses must not stand in the way of what is waited for: as many READs of them are out
 * as keep the line busy, and that is known by how long an answer takes.
 */
static void
set_window(struct traffic *t, int64_t took)
{
	if (!t->fastest || took < t->fastest)
		t->fastest = took;
	if (took > t->fastest + t->fastest / 2 + PATIENCE && t->window > READS_LEAST)
		t->window--;
	else if (took < t->fastest + t->fastest / 4 + PATIENCE / 2 &&
		 t->window < READS_MOST)
		t->window++;
}

static void
on_read(void *ctx, struct sftp_reply *r)
{
	struct piece p = *(struct piece *)ctx;
	struct job *j = p.job;
	const char *data;
	size_t n = 0;
	int error = 0;

	free(ctx);
	j->waiting--;
	j->t->reading--;
	set_window(j->t, meter_now() - p.asked);
	if (r->type == SSH_FXP_DATA) {
		data = reply_bytes(r, &n);
		if (n > p.n || (!n && p.n))
			error = -EIO;
		else if (!j->fetch->error)
			error = write_at(j->fetch->fd, data, n, p.at);
		j->run->sink->bytes(j->run->sink->ctx, n);
		if (!error && n < p.n) /* allowed, and rare */
			ask_read(j, p.at + n, p.n - (uint32_t)n);
	} else {
		error = reply_status(r);
		if (error == -ENODATA) {
			j->short_read = true;
			error = 0;
		} else if (!error) {
			error = -EIO;
		}
	}
	if (error)
		fail(j, error);
	fetch_step(j);
}

/* READs up to the limit of the whole run; those of other jobs follow when it ends. */
static void
ask_reads(struct job *j)
{
	uint64_t size = j->fetch->got.size;
	size_t most = j->run->rank == LINE_NOW	  ? READS_MOST
		      : j->run->rank == LINE_SOON ? READS_SOON
						  : j->t->window;

	while (!j->fetch->error && !j->short_read && j->at < size &&
	       j->t->reading < most) {
		uint64_t left = size - j->at;
		uint32_t n = left < READ_SIZE ? (uint32_t)left : READ_SIZE;

		ask_read(j, j->at, n);
		j->at += n;
	}
}

static bool
all_asked(const struct job *j)
{
	return j->fetch->error || j->short_read || j->at >= j->fetch->got.size;
}

/*
 * The size is the listing's, or LSTAT's.  FSTAT goes out behind the last READ, and the
 * server answers in order: if size and mtime are then what they were in the listing,
 * what was read is the file of the listing.
 */
static void
fetch_step(struct job *j)
{
	struct remote_fetch *f = j->fetch;

	if (j->opened && !j->closing) {
		ask_reads(j);
		if (!all_asked(j))
			return;
		j->at = f->got.size;
		ask_handle(j, SSH_FXP_FSTAT, on_fstat, j);
		sftp_send(j->t->c);
		close_handle(j);
	}
	if (j->waiting || j->ended)
		return;
	j->ended = true;
	if (!f->error && (j->short_read || f->got.size != j->at))
		f->error = -ESTALE;
	job_over(j);
	j->run->sink->end(j->run->sink->ctx, f);
}

static void
on_open(void *ctx, struct sftp_reply *r)
{
	struct job *j = ctx;
	struct remote_fetch *f = j->fetch;

	j->waiting--;
	if (take_handle(j, r)) {
		j->opened = true;
		f->error = j->run->sink->begin(j->run->sink->ctx, f);
	} else {
		f->error = reply_status(r);
		if (!f->error)
			f->error = -EIO;
	}
	fetch_step(j);
}

static void
ask_open(struct job *j)
{
	enum { FOR_READING = 1 };

	ask_name(j, SSH_FXP_OPEN, j->fetch->path, NULL, on_open);
	sftp_add_u32(j->t->c, FOR_READING);
	sftp_add_u32(j->t->c, 0); /* no attributes */
	sftp_send(j->t->c);
}

/* To open what is no file can last for ever. */
static void
on_lstat(void *ctx, struct sftp_reply *r)
{
	struct job *j = ctx;
	struct remote_fetch *f = j->fetch;

	j->waiting--;
	if (r->type == SSH_FXP_ATTRS)
		take_state(j, r);
	else
		fail(j, reply_status(r) ?: -EIO);
	if (!f->error && f->got.type != NAMES_FILE)
		fail(j, -ESTALE);
	if (!f->error && f->most && f->got.size > f->most)
		fail(j, -EFBIG);
	if (f->error)
		fetch_step(j);
	else
		ask_open(j);
}

static void
start_job(struct job *j)
{
	j->begun = true;
	j->run->begun++;
	j->t->open++;
	if (j->fetch && j->fetch->sized) {
		ask_open(j);
		return;
	}
	if (j->list)
		ask_name(j, SSH_FXP_OPENDIR, j->list->dir, NULL, on_opendir);
	else
		ask_name(j, SSH_FXP_LSTAT, j->fetch->path, NULL, on_lstat);
	sftp_send(j->t->c);
}

void
traffic_begin(struct traffic *t, struct run *run)
{
	run->job = mem_alloc(run->n * sizeof(*run->job));
	for (size_t i = 0; i < run->n; i++)
		run->job[i] = (struct job){ .t = t,
					    .run = run,
					    .list = run->list ? &run->list[i] : NULL,
					    .fetch = run->list ? NULL : &run->fetch[i] };
}

/* Those that are open and have something left to read, oldest first. */
void
traffic_feed(struct traffic *t, struct run *run)
{
	size_t most = run->rank == LINE_NOW ? 2 * OPEN_MOST : OPEN_MOST;

	while (run->begun < run->n && t->open < most)
		start_job(&run->job[run->begun]);
	for (size_t i = 0; i < run->begun && !run->list && t->reading < READS_MOST; i++)
		if (run->job[i].opened && !run->job[i].closing)
			fetch_step(&run->job[i]);
}

void
traffic_end(struct run *run)
{
	for (size_t i = 0; i < run->n; i++) {
		struct job *j = &run->job[i];

		if (!j->over && j->list)
			j->list->error = -EIO;
		if (!j->over && j->fetch) {
			j->fetch->error = -EIO;
			run->sink->end(run->sink->ctx, j->fetch);
		}
		free(j->handle);
	}
	free(run->job);
	run->job = NULL;
}
