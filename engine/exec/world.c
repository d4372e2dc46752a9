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
	bool upper;
	bool placeholder;
	bool special; /* a device, FIFO or socket */
	char *text;   /* of a link */
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
	*w = (struct world){ .pkg = pkg,
			     .rules = rules,
			     .seamless = seamless,
			     .layer = { LAYER_INIT, LAYER_INIT } };
	str_init(&w->store);
	str_init(&w->met);
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

bool
world_forget(struct world *w, const struct str *abs)
{
	bool known = false;

	for (size_t i = 0; i < ARRAY_SIZE(w->seen); i++) {
		struct map_slot *s = map_get(&w->seen[i], abs->s, abs->len);

		if (!s)
			continue;
		if (((struct seen *)s->p)->kind == FSV_DIR) {
			world_forget_all(w); /* names below it change as well */
			return true;
		}
		seen_free(s->p);
		map_del(&w->seen[i], abs->s, abs->len);
		known = true;
	}
	return known;
}

void
world_forget_all(struct world *w)
{
	for (size_t i = 0; i < ARRAY_SIZE(w->seen); i++) {
		for (struct map_slot *s = NULL; (s = map_next(&w->seen[i], s));)
			seen_free(s->p);
		map_clear(&w->seen[i]);
	}
}

void
world_fini(struct world *w)
{
	world_forget_all(w);
	for (size_t i = 0; i < ARRAY_SIZE(w->seen); i++) {
		map_fini(&w->seen[i]);
		layer_fini(&w->layer[i]);
	}
	map_fini(&w->leads);
	passed_fini(&w->passed);
	str_fini(&w->store);
	str_fini(&w->met);
	who_fini(&w->who);
}

/* Devices, processes and the kernel are what they are. */
static bool
is_machine(const char *abs)
{
	return path_under(abs, "/dev") || path_under(abs, "/proc") ||
	       path_under(abs, "/sys");
}

static const struct layer *
layer_at(const struct world *w, enum side side, const char *abs)
{
	if (side == SIDE_HIDDEN || !w->layer[side].dir.len ||
	    (side == SIDE_HOST && (is_machine(abs) || who_real(&w->who, abs) != abs)))
		return NULL;
	return &w->layer[side];
}

struct layer *
world_layer(struct world *w, enum side side, const char *abs)
{
	return layer_at(w, side, abs) ? &w->layer[side] : NULL;
}

bool
world_is_changed(const struct world *w, const char *dir)
{
	return layer_has_dir(&w->layer[SIDE_PACKAGE], dir) ||
	       layer_has_dir(&w->layer[SIDE_HOST], dir);
}

/* In which tree is the object, or would it be made? */
static bool
is_upper(const struct layer *l, const char *abs)
{
	AUTO(str_fini) struct str dir = STR_INIT;
	struct layer_look x;

	if (l->upperfd < 0)
		return false;
	layer_look(l, abs, &x);
	if (layer_shows(&x))
		return x.upper;
	str_set(&dir, abs);
	path_to_parent(&dir);
	return layer_has_dir(l, dir.s);
}

void
world_real(const struct world *w, enum side side, const char *abs, struct str *out)
{
	const struct layer *l = layer_at(w, side, abs);

	if (l && is_upper(l, abs)) {
		layer_name(l, true, abs, out);
		return;
	}
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

static const char *
rest_of(const char *real, const struct str *root)
{
	return real[root->len] ? real + root->len : "/";
}

struct place
world_place(const struct world *w, const char *real)
{
	for (unsigned i = 0; i < ARRAY_SIZE(w->layer); i++) {
		const struct layer *l = &w->layer[i];

		if (l->dir.len && path_under(real, l->upper.s))
			return (struct place){ rest_of(real, &l->upper), (enum side)i,
					       true };
	}
	if (!w->host_view && path_under(real, w->pkg->root.s))
		return (struct place){ rest_of(real, &w->pkg->root), SIDE_PACKAGE,
				       false };
	return (struct place){ who_virtual(&w->who, real), SIDE_HOST, false };
}

const char *
world_virtual(const struct world *w, const char *real)
{
	return world_place(w, real).abs;
}

int
world_stat(struct world *w, enum side side, const char *abs, struct stat *st)
{
	const struct layer *l = layer_at(w, side, abs);
	bool upper;
	int r;

	if (side == SIDE_HIDDEN)
		return -ENOENT;
	if (l)
		return layer_stat(l, abs, st, &upper);
	if (side == SIDE_HOST)
		return lstat(who_real(&w->who, abs), st) < 0 ? -errno : 0;
	/* below rootfd: the name stays short */
	r = fstatat(w->pkg->rootfd, abs[1] ? abs + 1 : ".", st, AT_SYMLINK_NOFOLLOW);
	return r < 0 ? -errno : 0;
}

static bool
in_package(struct world *w, const char *abs)
{
	int r = w->stream ? stream_look(w->stream, abs) : 0;

	str_clear(&w->met);
	if (r == -EIO) /* nobody knows: then this machine's must not be taken for it */
		return true;
	if (r < 0 || world_stat(w, SIDE_PACKAGE, abs, &w->met_as) < 0)
		return false;
	str_set(&w->met, abs);
	return true;
}

static bool
is_host_dir(struct world *w, const char *abs)
{
	struct stat st;

	if (layer_at(w, SIDE_HOST, abs))
		return world_stat(w, SIDE_HOST, abs, &st) == 0 && S_ISDIR(st.st_mode);
	return stat(abs, &st) == 0 && S_ISDIR(st.st_mode);
}

const struct passed *
world_passed(struct world *w)
{
	if (!w->passed_known)
		passed_read(&w->passed, w->pkg);
	w->passed_known = true;
	return &w->passed;
}

bool
world_passes_in(struct world *w, const char *dir)
{
	return w->seamless && !w->host_view && passed_in(world_passed(w), dir);
}

/* A search that comes by here would find this machine's file before the package's. */
static bool
is_passed(struct world *w, const struct str *abs)
{
	const char *found = passed_found(world_passed(w), abs->s, abs->len);
	enum verdict v;

	if (!found)
		return false;
	v = rules_decide(w->rules, found, strlen(found)).verdict;
	return (v == VERDICT_DEFAULT || v == VERDICT_PACKAGE) && in_package(w, found);
}

/* Seamless, and the name is not in the package: where is its directory? */
static enum side
side_of_missing(struct world *w, const struct str *abs)
{
	AUTO(str_fini) struct str dir = STR_INIT;
	struct stat st;

	if (is_passed(w, abs))
		return SIDE_PACKAGE;
	if (world_stat(w, SIDE_HOST, abs->s, &st) == 0)
		return SIDE_HOST;
	str_setn(&dir, abs->s, abs->len);
	path_to_parent(&dir);
	if (is_host_dir(w, dir.s))
		return SIDE_HOST;
	return in_package(w, dir.s) ? SIDE_PACKAGE : SIDE_HOST;
}

static bool
host_has(struct world *w, const char *abs)
{
	struct stat st;

	return world_stat(w, SIDE_HOST, abs, &st) == 0;
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
	enum side side = w->host_view ? SIDE_HOST : side_by_rule(w, abs);

	if (w->host_view || !map_get(&w->leads, abs->s, abs->len))
		return side;
	if (side == SIDE_PACKAGE)
		return in_package(w, abs->s) || !host_has(w, abs->s) ? SIDE_PACKAGE
								     : SIDE_HOST;
	if ((side == SIDE_HIDDEN || !host_has(w, abs->s)) && in_package(w, abs->s))
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
	} else {
		struct place at = world_place(l->w, text->s);
		AUTO(str_fini) struct str virtual = STR_INIT;

		/* The kernel's own answer is the right object, unless that must not be
		 * changed, as by opening it once more. */
		if (last && (at.upper || !l->writes || !layer_at(l->w, at.side, at.abs)))
			return FSV_MAGIC;
		str_set(&virtual, at.abs);
		str_swap(&virtual, text);
		l->faked = true;
	}
	return FSV_LINK;
}

/* What a side has at abs, and a name for it: below *dir it stays short. */
static int
look_in(struct world *w, struct seen *s, const struct str *abs, int *dir,
	struct str *name, struct stat *st)
{
	const struct layer *l = layer_at(w, s->side, abs->s);
	int r = 0;

	*dir = AT_FDCWD;
	if (l) {
		r = layer_stat(l, abs->s, st, &s->upper);
		layer_name(l, s->upper, abs->s, name);
		return r;
	}
	str_set(name, who_real(&w->who, abs->s));
	if (s->side == SIDE_PACKAGE) {
		*dir = w->pkg->rootfd;
		str_set(name, abs->s[1] ? abs->s + 1 : ".");
		if (strcmp(w->met.s, abs->s) == 0) { /* to know the side */
			*st = w->met_as;
			return 0;
		}
		r = w->stream ? stream_look(w->stream, abs->s) : 0;
	}
	if (r == 0 && fstatat(*dir, name->s, st, AT_SYMLINK_NOFOLLOW) < 0)
		r = -errno;
	if (r == 0 && s->side == SIDE_PACKAGE) {
		str_set(&w->met, abs->s);
		w->met_as = *st;
	}
	return r;
}

static int
look_at(struct world *w, const struct str *abs, struct seen *s, struct str *text)
{
	AUTO(str_fini) struct str name = STR_INIT;
	struct stat st;
	int dir, r;

	str_clear(&w->met);
	*s = (struct seen){ .side = world_side(w, abs) };
	if (s->side == SIDE_HIDDEN)
		return FSV_MISSING;
	r = look_in(w, s, abs, &dir, &name, &st);
	if (r < 0)
		return r == -ENOENT ? FSV_MISSING : r;
	if (S_ISDIR(st.st_mode))
		return FSV_DIR;
	if (S_ISLNK(st.st_mode))
		return fs_readlink(dir, name.s, text) < 0 ? FSV_MISSING : FSV_LINK;
	s->special = !S_ISREG(st.st_mode);
	if (s->side == SIDE_PACKAGE)
		s->placeholder = tree_is_placeholder(dir, name.s, &st);
	return FSV_FILE;
}

static void
note(struct look *l, const struct seen *s)
{
	if (s->side == SIDE_PACKAGE)
		l->any_package = true;
	else
		l->any_host = true;
	l->any_upper |= s->upper;
	l->side = s->side;
	l->placeholder = s->placeholder;
	l->special = s->special;
	l->missed = false;
}

static int
lookup(void *ctx, const struct str *abs, bool last, struct str *text)
{
	struct look *l = ctx;
	struct map *all = &l->w->seen[l->w->host_view];
	struct map_slot *slot = map_get(all, abs->s, abs->len);
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
	l->missed = kind == FSV_MISSING && now.side != SIDE_HIDDEN;
	if (kind <= FSV_MISSING ||
	    (now.side == SIDE_HOST && str_has_prefix(abs->s, "/proc/")))
		return kind;
	s = mem_dup(&now, sizeof(now));
	s->kind = (enum fsview_kind)kind;
	if (kind == FSV_LINK)
		s->text = mem_strdup(text->s);
	map_put(all, abs->s, abs->len)->p = s;
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
	l->any_package = l->any_host = l->any_upper = l->faked = l->placeholder = false;
	l->special = l->missed = false;
	l->side = SIDE_HOST;
	r = path_walk(&view, base, name, how, NULL, NULL, &l->walk);
	if (r < 0)
		return r;
	/* A leaf was not looked up; "..", and the base itself, were seen long ago. */
	if (l->missed && !(how & WALK_LEAF))
		return 0;
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
