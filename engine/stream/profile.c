/*
 * A profile: the names that a program touched when it started, one a line, those of
 * directories ending in "/".  With it the next cold start asks for everything at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "path/lex.h"
#include "stream/stream_priv.h"

static const char first_line[] = "# cde profile 1";

enum { LINES_MOST = 200000 };

static void
add_line(struct str *out, const char *name, bool dir)
{
	for (; *name; name++)
		if (*name == '\n' || *name == '\\')
			str_add(out, *name == '\n' ? "\\n" : "\\\\");
		else
			str_addc(out, *name);
	if (dir && !str_has_suffix(out->s, "/"))
		str_addc(out, '/');
	str_addc(out, '\n');
}

/* Undo add_line, in place; the result is shorter. */
static void
unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (*s == '\\' && s[1]) {
			s++;
			*to++ = *s == 'n' ? '\n' : *s;
		} else {
			*to++ = *s;
		}
	}
	*to = 0;
}

/* cb for each name: clean, absolute, without the last slash. */
static void
each_name(struct str *text, void (*cb)(void *ctx, const char *abs, bool dir), void *ctx)
{
	AUTO(str_fini) struct str abs = STR_INIT;
	char *rest = text->s, *line;
	size_t count = 0;

	while ((line = strsep(&rest, "\n")) && count++ < LINES_MOST) {
		bool dir = str_has_suffix(line, "/");

		if (line[0] != '/')
			continue;
		unescape(line);
		str_set(&abs, line);
		path_clean(&abs);
		cb(ctx, abs.s, dir);
	}
}

static void
file_of(const char *program, struct str *out)
{
	str_set(out, STREAM_PROFILES);
	path_append(out, program);
}

/* The one that somebody published, when there is none here. */
static bool
load_published(struct stream *s, struct str *text)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	AUTO(str_fini) struct str name = STR_INIT;
	int r;

	if (!stream_may_ask(s, &e))
		return false;
	str_addf(&name, "/.%s/%s", STREAM_PROFILES, s->program.s);
	r = remote_slurp(s->remote, name.s, text, &e);
	if (r == -1 && e.text.len)
		stream_note_gone(s, &e);
	return r == 0;
}

struct plan {
	struct stream *s;
	string_vec dirs, files;
	struct map seen;
};

static void
plan_dir(struct plan *p, const char *abs)
{
	struct stream *s = p->s;

	if (map_get(&p->seen, abs, strlen(abs)))
		return;
	map_put(&p->seen, abs, strlen(abs));
	if (!map_get(&s->known, abs, strlen(abs)) && !index_has(s, abs))
		vec_push(&p->dirs, mem_strdup(abs));
}

/* The names of its directory are needed, too, and so on. */
static void
plan_parents(struct plan *p, const char *abs)
{
	AUTO(str_fini) struct str dir = STR_INIT;

	str_set(&dir, abs);
	while (dir.len > 1) {
		path_to_parent(&dir);
		plan_dir(p, dir.s);
	}
}

/* A profile from the server names what it likes; rules and look-ups decide later what
 * is used of it.  Here it only fills the cache. */
static void
plan_name(void *ctx, const char *abs, bool dir)
{
	struct plan *p = ctx;
	struct stream *s = p->s;

	plan_parents(p, abs);
	if (dir) {
		plan_dir(p, abs);
	} else if (!map_get(&p->seen, abs, strlen(abs))) {
		map_put(&p->seen, abs, strlen(abs));
		if (!fetched_has(&s->fetched, abs))
			vec_push(&p->files, mem_strdup(abs));
	}
}

/* From a directory: one after the other. */
static void
fetch_plan(struct stream *s, const struct plan *p)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	want_vec v = { 0 };

	for (size_t i = 0; i < p->files.n; i++) {
		struct want w = { 0 };

		if (!list_file(s, p->files.v[i], &w.entry))
			continue;
		w.abs = mem_strdup(p->files.v[i]);
		vec_push(&v, w);
	}
	if (stream_may_ask(s, &e) && fetch_batch(s, &v, false, &e) == -1) {
		log_debug("profile of %s: %s", s->program.s, e.text.s);
		stream_note_gone(s, &e);
	}
	want_vec_fini(&v);
}

void
stream_prefetch(struct stream *s, const char *program)
{
	AUTO(str_fini) struct str file = STR_INIT, text = STR_INIT;
	AUTO(err_fini) struct err e = ERR_INIT;
	struct plan p = { .s = s };

	str_set(&s->program, path_base(program));
	file_of(s->program.s, &file);
	if (fs_slurp(s->pkg->dirfd, file.s, &text, &e) < 0 && !load_published(s, &text)) {
		ahead_start(s, program);
		return;
	}
	err_clear(&e);
	if (!str_has_prefix(text.s, first_line))
		return;
	each_name(&text, plan_name, &p);
	if ((p.dirs.n || p.files.n) && stream_may_ask(s, &e)) {
		for (size_t i = 0; i < p.files.n && guess_told(s, p.files.v[i]); i++)
			;
		if (p.dirs.n)
			list_dirs(s, p.dirs.v, p.dirs.n, &e);
		if (remote_is_parallel(s->remote))
			guess_told_take(s, p.files.v, p.files.n);
		else
			fetch_plan(s, &p);
	}
	map_fini(&p.seen);
	string_vec_fini(&p.dirs);
	string_vec_fini(&p.files);
}

static void
touch_old(void *ctx, const char *abs, bool dir)
{
	struct stream *s = ctx;

	stream_touch(s, abs, dir ? 'd' : 'f');
}

static void
write_touched(struct stream *s, struct str *out)
{
	VEC(const char *) names = { 0 };

	for (struct map_slot *x = NULL; (x = map_next(&s->touched, x));)
		vec_push(&names, x->key);
	if (names.n)
		qsort(names.v, names.n, sizeof(names.v[0]), str_order);
	str_addf(out, "%s\n", first_line);
	for (size_t i = 0; i < names.n; i++)
		add_line(out, names.v[i],
			 map_get(&s->touched, names.v[i], strlen(names.v[i]))->u == 'd');
	vec_fini(&names);
}

/* Together with what earlier runs touched; written only when that is more. */
void
stream_save_profile(struct stream *s)
{
	AUTO(str_fini) struct str file = STR_INIT, old = STR_INIT, text = STR_INIT;
	AUTO(str_fini) struct str was = STR_INIT;
	AUTO(err_fini) struct err e = ERR_INIT;
	bool there;

	if (!s->program.len || !s->touched.n)
		return;
	file_of(s->program.s, &file);
	there = fs_slurp(s->pkg->dirfd, file.s, &old, &e) == 0;
	str_setn(&was, old.s, old.len);
	each_name(&old, touch_old, s);
	write_touched(s, &text);
	if (there && was.len == text.len && memcmp(was.s, text.s, text.len) == 0)
		return;
	mkdirat(s->pkg->dirfd, STREAM_PROFILES, 0755 | s->share);
	if (fs_replace(s->pkg->dirfd, file.s, text.s, text.len, 0644, &e) < 0)
		log_debug("%s", e.text.s);
}
