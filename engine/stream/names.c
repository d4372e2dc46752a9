#include "stream/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

static const char head[] = "cde-stream 1 ", tail[] = "end"; /* and not cut short */

enum { NS = 1000000000 };

void
names_fini(struct names *n)
{
	for (struct map_slot *s = NULL; (s = map_next(&n->map, s));) {
		free(((struct names_entry *)s->p)->text);
		free(s->p);
	}
	map_fini(&n->map);
}

struct names_entry *
names_add(struct names *n, const char *name, size_t len)
{
	struct map_slot *s = map_put(&n->map, name, len);

	if (!s->p)
		s->p = mem_alloc(sizeof(struct names_entry));
	return s->p;
}

void
names_drop(struct names *n, const char *name)
{
	struct names_entry *x = names_get(n, name);

	if (!x)
		return;
	free(x->text);
	free(x);
	map_del(&n->map, name, strlen(name));
}

struct names_entry *
names_get(const struct names *n, const char *name)
{
	struct map_slot *s = map_get(&n->map, name, strlen(name));

	return s ? s->p : NULL;
}

void
names_settle(struct names *n, const struct names *old)
{
	VEC(char *) gone = { 0 };

	for (struct map_slot *s = NULL; (s = map_next(&n->map, s));) {
		const struct names_entry *was = old ? names_get(old, s->key) : NULL;
		struct names_entry *x = s->p;

		if (x->type != NAMES_UNKNOWN)
			continue;
		if (was) {
			*x = *was;
			x->text = was->text ? mem_strdup(was->text) : NULL;
		} else {
			vec_push(&gone, s->key);
		}
	}
	while (gone.n) {
		AUTO(mem_free) char *name = mem_strdup(gone.v[--gone.n]);

		names_drop(n, name);
	}
	vec_fini(&gone);
}

/* A mount may say the year 1, or anything; what a disk here keeps comes back from it. */
static int64_t
clamp_seconds(int64_t sec)
{
	const int64_t most = INT64_MAX / NS - 1;

	return sec < INT32_MIN ? INT32_MIN : sec > most ? most : sec;
}

void
names_from_stat(struct names_entry *x, const struct stat *st)
{
	x->type = S_ISREG(st->st_mode)	  ? NAMES_FILE
		  : S_ISDIR(st->st_mode)  ? NAMES_DIR
		  : S_ISLNK(st->st_mode)  ? NAMES_LINK
		  : S_ISFIFO(st->st_mode) ? NAMES_FIFO
					  : NAMES_OTHER;
	x->mode = st->st_mode & 07777;
	x->size = (uint64_t)st->st_size;
	x->mtime = clamp_seconds(st->st_mtim.tv_sec) * NS + st->st_mtim.tv_nsec;
}

struct timespec
names_time(int64_t mtime)
{
	int64_t sec = mtime / NS - (mtime % NS < 0); /* before 1970, too */

	return (struct timespec){ .tv_sec = sec, .tv_nsec = mtime - sec * NS };
}

bool
names_same(const struct names_entry *a, const struct names_entry *b)
{
	if (a->type != b->type)
		return false;
	if (a->type == NAMES_LINK)
		return strcmp(a->text, b->text) == 0;
	if (a->type != NAMES_FILE)
		return a->mode == b->mode;
	return a->mode == b->mode && a->size == b->size && a->mtime == b->mtime;
}

bool
names_is_untouched(const struct names_entry *x, const struct stat *st)
{
	return x->type == NAMES_FILE && S_ISREG(st->st_mode) &&
	       (uint64_t)st->st_size == x->size &&
	       st->st_mtim.tv_sec == names_time(x->mtime).tv_sec;
}

void
names_write(const struct names *n, const char *dir, struct str *out)
{
	str_add(out, head);
	str_addn(out, dir, strlen(dir) + 1);
	for (struct map_slot *s = NULL; (s = map_next(&n->map, s));) {
		const struct names_entry *x = s->p;

		str_addf(out, "%c %o %llu %lld ", x->type, (unsigned)x->mode,
			 (unsigned long long)x->size, (long long)x->mtime);
		str_addn(out, s->key, s->len + 1);
		if (x->type == NAMES_LINK)
			str_addn(out, x->text, strlen(x->text) + 1);
	}
	str_addn(out, tail, sizeof(tail));
}

/* The next NUL-terminated piece, or NULL: the text is cut short. */
static const char *
next_piece(const struct str *text, size_t *at)
{
	const char *p = text->s + *at, *end = memchr(p, 0, text->len - *at);

	if (!end)
		return NULL;
	*at += (size_t)(end - p) + 1;
	return p;
}

/* One entry, whose first piece is `line`. */
static bool
read_entry(struct names *n, const char *line, const struct str *text, size_t *at)
{
	const char *link;
	unsigned long long size;
	struct names_entry *x;
	long long mtime;
	unsigned mode;
	char type;
	int name = 0;

	if (sscanf(line, "%c %o %llu %lld%n", &type, &mode, &size, &mtime, &name) < 4 ||
	    !strchr("fdlpx", type) || line[name] != ' ' || !line[name + 1])
		return false;
	name++;
	x = names_add(n, line + name, strlen(line + name));
	free(x->text);
	*x = (struct names_entry){ (enum names_type)type, mode & 07777, size, mtime,
				   NULL };
	if (type != NAMES_LINK)
		return true;
	link = next_piece(text, at);
	x->text = mem_strdup(link ? link : "");
	return link != NULL;
}

bool
names_read(struct names *n, const char *dir, const struct str *text)
{
	size_t at = 0;
	const char *line = next_piece(text, &at);

	if (!line || !str_has_prefix(line, head) || strcmp(line + strlen(head), dir) != 0)
		return false;
	while ((line = next_piece(text, &at)) && strcmp(line, tail) != 0)
		if (!read_entry(n, line, text, &at))
			return false;
	return line && at == text->len;
}

const char *
names_dir(const struct str *text)
{
	return text->len > strlen(head) && str_has_prefix(text->s, head)
		       ? text->s + strlen(head)
		       : NULL;
}
