#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "exec/world.h"
#include "path/lex.h"
#include "tree/copy.h"

struct seen {
	enum fsview_kind kind;
	enum side side;
	bool placeholder;
	char *text; /* of a link */
};

/* The directories above each name that a rule speaks of. */
static void
collect_leads(struct world *w)
{
	AUTO(str_fini) struct str dir = STR_INIT;

	for (size_t i = 0; i < w->rules->rule.n; i++) {
		const struct rule *r = &w->rules->rule.v[i];

		if (r->match == MATCH_SUBSTR || r->text[0] != '/')
			continue;
		str_set(&dir, r->text);
		path_clean(&dir);
		while (dir.len > 1) {
			path_to_parent(&dir);
			map_put(&w->leads, dir.s, dir.len);
		}
	}
}

void
world_init(struct world *w, struct layout *pkg, struct rules *rules, bool seamless)
{
	*w = (struct world){ .pkg = pkg, .rules = rules, .seamless = seamless };
	str_init(&w->store);
	str_init(&w->who.passwd);
	str_init(&w->who.group);
	collect_leads(w);
}

static void
seen_free(struct seen *s)
{
	free(s->text);
	free(s);
}

void
world_forget(struct world *w, const struct str *abs)
{
	struct map_slot *s = map_get(&w->seen, abs->s, abs->len);

	if (!s)
		return;
	if (((struct seen *)s->p)->kind == FSV_DIR) {
		world_forget_all(w); /* names below it change as well */
		return;
	}
	seen_free(s->p);
	map_del(&w->seen, abs->s, abs->len);
}

void
world_forget_all(struct world *w)
{
	for (struct map_slot *s = NULL; (s = map_next(&w->seen, s));)
		seen_free(s->p);
	map_clear(&w->seen);
}

void
world_fini(struct world *w)
{
	world_forget_all(w);
	map_fini(&w->seen);
	map_fini(&w->leads);
	str_fini(&w->store);
	who_fini(&w->who);
}

void
world_real(const struct world *w, enum side side, const char *abs, struct str *out)
{
	str_clear(out);
	if (side == SIDE_PACKAGE) {
		str_addn(out, w->pkg->root.s, w->pkg->root.len);
		if (abs[1] == 0)
			return; /* "/" */
		str_add(out, abs);
	} else {
		str_add(out, who_real(&w->who, abs));
	}
}

const char *
world_virtual(const struct world *w, const char *real)
{
	const char *rest;

	if (!path_under(real, w->pkg->root.s))
		return who_virtual(&w->who, real);
	rest = real + w->pkg->root.len;
	return *rest ? rest : "/";
}

static bool
in_package(struct world *w, const char *abs)
{
	struct stat st;

	if (w->stream && stream_look(w->stream, abs) < 0)
		return false;
	return fstatat(w->pkg->rootfd, abs[1] ? abs + 1 : ".", &st,
		       AT_SYMLINK_NOFOLLOW) == 0;
}

/* Seamless, and the name is not in the package: where is its directory? */
static enum side
side_of_missing(struct world *w, const struct str *abs)
{
	AUTO(str_fini) struct str dir = STR_INIT;
	struct stat st;

	if (lstat(abs->s, &st) == 0)
		return SIDE_HOST;
	str_setn(&dir, abs->s, abs->len);
	path_to_parent(&dir);
	if (stat(dir.s, &st) == 0 && S_ISDIR(st.st_mode))
		return SIDE_HOST;
	return in_package(w, dir.s) ? SIDE_PACKAGE : SIDE_HOST;
}

static bool
host_has(const char *abs)
{
	struct stat st;

	return lstat(abs, &st) == 0;
}

static enum side
side_by_rule(struct world *w, const struct str *abs)
{
	switch (rules_decide(w->rules, abs->s, abs->len).verdict) {
	case VERDICT_PACKAGE:
		return SIDE_PACKAGE;
	case VERDICT_HOST:
		return SIDE_HOST;
	case VERDICT_HIDDEN:
		return SIDE_HIDDEN;
	case VERDICT_DEFAULT:
		break;
	}
	if (!w->seamless || in_package(w, abs->s))
		return SIDE_PACKAGE;
	return side_of_missing(w, abs);
}

/*
 * A directory that leads to a name with another rule must be there even if its
 * own side lacks it: /var/tmp of the host when the package has no /var, a
 * redirected directory in an ignored one that this host does not have.
 */
enum side
world_side(struct world *w, const struct str *abs)
{
	enum side side = side_by_rule(w, abs);

	if (!map_get(&w->leads, abs->s, abs->len))
		return side;
	if (side == SIDE_PACKAGE)
		return in_package(w, abs->s) || !host_has(abs->s) ? SIDE_PACKAGE
								  : SIDE_HOST;
	if ((side == SIDE_HIDDEN || !host_has(abs->s)) && in_package(w, abs->s))
		return SIDE_PACKAGE;
	return side;
}

/* A link of /proc that depends on who asks, in virtual names. */
static int
lookup_proc(struct look *l, const struct str *abs, bool last, struct str *text)
{
	int kind = proc_lookup(l->p, abs, text);
	const char *base = path_base(abs->s), *to;

	if (kind != FSV_LINK || strcmp(base, "self") == 0 ||
	    strcmp(base, "thread-self") == 0)
		return kind;
	if (strcmp(base, "exe") == 0) {
		to = l->exe_of(l->ctx, (pid_t)atoi(abs->s + strlen("/proc/")));
		if (!to)
			return kind;
		str_set(text, to);
		l->faked = true;
	} else if (strcmp(base, "root") == 0) {
		str_set(text, "/");
		l->faked = true;
	} else if (last) {
		return FSV_MAGIC; /* the kernel's own answer is the right object */
	} else {
		AUTO(str_fini) struct str real = STR_INIT;

		str_swap(&real, text);
		str_set(text, world_virtual(l->w, real.s));
		l->faked = true;
	}
	return FSV_LINK;
}

static int
look_at(struct world *w, const struct str *abs, struct seen *s, struct str *text)
{
	int dir = AT_FDCWD;
	const char *name = who_real(&w->who, abs->s);
	struct stat st;

	s->side = world_side(w, abs);
	s->placeholder = false;
	s->text = NULL;
	if (s->side == SIDE_HIDDEN)
		return FSV_MISSING;
	if (s->side == SIDE_PACKAGE) { /* below rootfd: the name stays short */
		int r = w->stream ? stream_look(w->stream, abs->s) : 0;

		if (r < 0)
			return r;
		dir = w->pkg->rootfd;
		name = abs->s[1] ? abs->s + 1 : ".";
	}
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? FSV_MISSING : -errno;
	if (S_ISDIR(st.st_mode))
		return FSV_DIR;
	if (S_ISLNK(st.st_mode))
		return fs_readlink(dir, name, text) < 0 ? FSV_MISSING : FSV_LINK;
	if (s->side == SIDE_PACKAGE)
		s->placeholder = tree_is_placeholder(dir, name, &st);
	return FSV_FILE;
}

static void
note(struct look *l, const struct seen *s)
{
	if (s->side == SIDE_PACKAGE)
		l->any_package = true;
	else
		l->any_host = true;
	l->side = s->side;
	l->placeholder = s->placeholder;
}

static int
lookup(void *ctx, const struct str *abs, bool last, struct str *text)
{
	struct look *l = ctx;
	struct map_slot *slot = map_get(&l->w->seen, abs->s, abs->len);
	struct seen now, *s;
	int kind;

	if (slot) {
		s = slot->p;
		/* A placeholder may have been written over since. */
		if (s->kind != FSV_FILE || (last && !s->placeholder)) {
			note(l, s);
			if (s->kind == FSV_LINK)
				str_set(text, s->text);
			return s->kind;
		}
		world_forget(l->w, abs);
	}
	if (l->p && str_has_prefix(abs->s, "/proc/")) {
		kind = lookup_proc(l, abs, last, text);
		if (kind >= 0) {
			note(l, &(struct seen){ .side = SIDE_HOST });
			return kind;
		}
	}
	kind = look_at(l->w, abs, &now, text);
	note(l, &now);
	if (kind <= FSV_MISSING ||
	    (now.side == SIDE_HOST && str_has_prefix(abs->s, "/proc/")))
		return kind;
	s = mem_dup(&now, sizeof(now));
	s->kind = (enum fsview_kind)kind;
	if (kind == FSV_LINK)
		s->text = mem_strdup(text->s);
	map_put(&l->w->seen, abs->s, abs->len)->p = s;
	return kind;
}

/* Streaming: what was seen may be old, and what will be asked for can be guessed. */
static void
look_ahead(struct world *w, const char *base, const char *name)
{
	const char *from = name[0] == '/' ? name : base;

	if (stream_refresh(w->stream))
		world_forget_all(w);
	if (rules_decide(w->rules, from, strlen(from)).verdict == VERDICT_DEFAULT)
		stream_hint(w->stream, base, name);
}

int
look_up(struct look *l, const char *base, const char *name, unsigned how)
{
	const struct fsview view = { lookup, l };
	int r;

	if (l->w->stream)
		look_ahead(l->w, base, name);
	l->any_package = l->any_host = l->faked = l->placeholder = false;
	l->side = SIDE_HOST;
	r = path_walk(&view, base, name, how, NULL, NULL, &l->walk);
	if (r < 0)
		return r;
	/* A leaf was not looked up; "..", and the base itself, were seen long ago. */
	if (l->walk.kind == FSV_MISSING || l->walk.kind == FSV_DIR) {
		l->side = world_side(l->w, &l->walk.abs);
		if (l->side == SIDE_PACKAGE)
			l->any_package = true;
		if (l->side == SIDE_PACKAGE && l->w->stream)
			return stream_look(l->w->stream, l->walk.abs.s);
	}
	return 0;
}

void
look_fini(struct look *l)
{
	walk_fini(&l->walk);
}
