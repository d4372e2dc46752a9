#include "tree/listed.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/map.h"
#include "tree/copy.h"

/* Of a list: each directory costs cde-exec a call.  Of a look without one: as many
 * entries as may be looked at while somebody waits for his program. */
enum {
	LIST_DIRS = 2048,
	LIST_NAMES = 1024,
	LIST_ENTRIES = 200000,
	LIST_BYTES = 1 << 20,
	LOOK_ENTRIES = 4096,
};

struct look {
	const struct rules *rules; /* NULL: all names count */
	const struct map *known;   /* directories not to go into; may be NULL */
	struct str abs;		   /* the directory at hand; "" is the root */
	size_t entries, dirs;	   /* that may still be looked at */
	size_t most;
	struct listed *out;
	struct str *text; /* the list that is made, or NULL */
};

void
listed_fini(struct listed *x)
{
	for (size_t i = 0; i < x->name.n; i++)
		free(x->name.v[i]);
	vec_fini(&x->name);
	x->many = false;
}

static bool
is_hosts(const struct rules *r, const char *abs, size_t len)
{
	return r && rules_decide(r, abs, len).verdict == VERDICT_HOST;
}

/* Everything below the directory is the host's. */
static bool
is_hosts_below(const struct rules *r, const struct str *abs)
{
	return abs->len && is_hosts(r, abs->s, abs->len) && !rules_split_below(r, abs->s);
}

static void
add(struct look *x, const char *name)
{
	size_t len = x->abs.len;

	str_addf(&x->abs, "/%s", name);
	if (!is_hosts(x->rules, x->abs.s, x->abs.len)) {
		if (x->out->name.n == x->most)
			x->out->many = true;
		else
			vec_push(&x->out->name, mem_strdup(x->abs.s));
	}
	str_trunc(&x->abs, len);
	if (x->text) {
		str_addc(x->text, 'f');
		str_addn(x->text, name, strlen(name) + 1);
	}
}

typedef VEC(char *) name_list;

static void
names_fini(name_list *x)
{
	for (size_t i = 0; i < x->n; i++)
		free(x->v[i]);
	vec_fini(x);
}

/* One entry; a directory is for later. */
static void
look_at(struct look *x, int dir, const struct dirent *ent, name_list *dirs)
{
	const char *name = ent->d_name;
	struct stat st = { .st_mode = S_IFDIR };

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return;
	if (x->entries-- == 0) {
		x->out->many = true;
		return;
	}
	if (ent->d_type != DT_DIR && ent->d_type != DT_REG && ent->d_type != DT_UNKNOWN)
		return;
	if (ent->d_type != DT_DIR && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	if (S_ISDIR(st.st_mode))
		vec_push(dirs, mem_strdup(name));
	else if (tree_is_placeholder(dir, name, &st))
		add(x, name);
}

static void look_in(struct look *x, int dirfd, const char *name);

static void
look_below(struct look *x, int dir, const name_list *dirs)
{
	size_t len = x->abs.len;

	for (size_t i = 0; i < dirs->n && !x->out->many; i++) {
		str_addf(&x->abs, "/%s", dirs->v[i]);
		if (!is_hosts_below(x->rules, &x->abs) &&
		    !(x->known && map_get(x->known, x->abs.s, x->abs.len)))
			look_in(x, dir, dirs->v[i]);
		str_trunc(&x->abs, len);
	}
}

/* The time is taken before the names are. */
static void
write_dir(struct look *x, int fd)
{
	struct stat st;

	if (x->dirs-- == 0 || fstat(fd, &st) < 0) {
		x->out->many = true;
		return;
	}
	str_addf(x->text, "d%lld.%09ld %s", (long long)st.st_mtim.tv_sec,
		 st.st_mtim.tv_nsec, x->abs.len ? x->abs.s : "/");
	str_addc(x->text, '\0');
}

static void
look_in_open(struct look *x, int fd)
{
	AUTO(names_fini) name_list dirs = { 0 };
	DIR *d = fdopendir(fd);
	struct dirent *ent;

	if (!d) {
		x->out->many = true;
		fd_drop(&fd);
		return;
	}
	if (x->text)
		write_dir(x, fd);
	while (!x->out->many && (ent = readdir(d)))
		look_at(x, fd, ent, &dirs);
	look_below(x, fd, &dirs);
	closedir(d);
}

/* What cannot be listed may have some all the same. */
static void
look_in(struct look *x, int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0)
		look_in_open(x, fd);
	else if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
		x->out->many |= x->text || faccessat(dirfd, name, X_OK, AT_EACCESS) == 0;
}

/* ---- the list ---- */

struct record {
	char kind;	  /* of the list; 0: there are no more */
	const char *name; /* of f: the name; of d: the path */
	struct timespec at;
};

/* Absolute, without empty components and dots, as directories of a list are. */
static bool
is_clean(const char *abs)
{
	if (abs[0] != '/')
		return false;
	for (const char *at = abs + 1; abs[1];) {
		size_t n = strcspn(at, "/");

		if (n == 0 || (at[0] == '.' && (n == 1 || (n == 2 && at[1] == '.'))))
			return false;
		if (!at[n])
			break;
		at += n + 1;
	}
	return true;
}

static bool
parse_dir(const char *text, struct record *out)
{
	char *end;

	out->at.tv_sec = strtoll(text, &end, 10);
	if (end == text || *end != '.')
		return false;
	text = end + 1;
	out->at.tv_nsec = strtol(text, &end, 10);
	out->name = end + 1;
	return end != text && *end == ' ' && is_clean(out->name);
}

/* The record at *at, which moves on.  false: it is none. */
static bool
next_record(const char **at, const char *end, struct record *out)
{
	const char *text = *at, *nul = text < end ? memchr(text, 0, end - text) : NULL;

	*out = (struct record){ 0 };
	if (!nul)
		return false;
	*at = nul + 1;
	out->kind = text[0];
	out->name = text + 1;
	switch (text[0]) {
	case 'd':
		return parse_dir(text + 1, out);
	case 'f':
		return text[1] && !strchr(text + 1, '/') && strcmp(text + 1, ".") != 0 &&
		       strcmp(text + 1, "..") != 0;
	case 'm':
	case 'e':
		return text[1] == 0;
	default:
		return false;
	}
}

/* By what the list says: are there more than are wanted? */
static bool
are_many(struct look *look, const char *at, const char *end)
{
	struct str *abs = &look->abs;
	struct record r;
	size_t n = 0, len = 0;

	while (next_record(&at, end, &r) && r.kind != 'e') {
		if (r.kind == 'd') {
			str_set(abs, r.name[1] ? r.name : "");
			len = abs->len;
			continue;
		}
		str_addf(abs, "/%s", r.name);
		n += !is_hosts(look->rules, abs->s, abs->len);
		str_trunc(abs, len);
	}
	return n > look->most;
}

/* From the first directory to the end, or nothing but "many". */
static bool
is_whole(const char *at, const char *end, bool *many)
{
	struct record r;
	bool first = true;

	for (;; first = false) {
		if (!next_record(&at, end, &r))
			return false;
		if (r.kind == 'e')
			return at == end && !first;
		*many |= r.kind == 'm';
		if (first && r.kind != 'm' && (r.kind != 'd' || strcmp(r.name, "/") != 0))
			return false;
	}
}

static bool
read_list(const struct layout *l, struct str *text)
{
	AUTO(fd_drop)
	int fd = openat(l->dirfd, PKG_LISTED,
			O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	       st.st_size <= LIST_BYTES && fd_read_all(fd, text) == 0 &&
	       str_has_prefix(text->s, LISTED_HEAD);
}

/* Archives may keep whole seconds only. */
static bool
is_same_time(const struct timespec *list, const struct timespec *disk)
{
	return list->tv_sec == disk->tv_sec &&
	       (list->tv_nsec == disk->tv_nsec || disk->tv_nsec == 0);
}

static const char *
below_root(const char *abs)
{
	return abs[1] ? abs + 1 : ".";
}

struct reading {
	struct look look;
	const struct layout *l;
	const char *at, *end;
	VEC(const char *) changed; /* directories, in the text of the list */
};

/* Those of the list in directories that are as they were; others are remembered. */
static void
take_listed(struct reading *x)
{
	struct look *look = &x->look;
	const char *at = x->at;
	bool wanted = false;
	struct record r;
	struct stat st;

	while (next_record(&at, x->end, &r) && r.kind != 'e' && !look->out->many) {
		if (r.kind == 'f' && wanted)
			add(look, r.name);
		if (r.kind != 'd')
			continue;
		str_set(&look->abs, r.name[1] ? r.name : "");
		wanted = false;
		if (is_hosts_below(look->rules, &look->abs) ||
		    fstatat(x->l->rootfd, below_root(r.name), &st, AT_SYMLINK_NOFOLLOW) <
			    0)
			continue;
		wanted = S_ISDIR(st.st_mode) && is_same_time(&r.at, &st.st_mtim);
		if (!wanted)
			vec_push(&x->changed, r.name);
	}
}

/* A list is believed that something is one when its content says so, too. */
static void
check_listed(const struct layout *l, struct listed *out)
{
	size_t kept = 0;
	struct stat st;

	for (size_t i = 0; i < out->name.n; i++) {
		char *name = out->name.v[i];

		if (fstatat(l->rootfd, name + 1, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    tree_is_placeholder(l->rootfd, name + 1, &st))
			out->name.v[kept++] = name;
		else
			free(name);
	}
	out->name.n = kept;
}

/* Not into directories that the list has: they were looked at, or will be. */
static void
look_in_changed(struct reading *x)
{
	struct map known = { 0 };
	const char *at = x->at;
	struct record r;

	while (next_record(&at, x->end, &r) && r.kind != 'e')
		if (r.kind == 'd')
			map_put(&known, r.name, strlen(r.name));
	x->look.known = &known;
	for (size_t i = 0; i < x->changed.n && !x->look.out->many; i++) {
		const char *name = x->changed.v[i];
		int fd = fs_open_beneath(x->l->rootfd, below_root(name),
					 O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);

		str_set(&x->look.abs, name[1] ? name : "");
		if (fd >= 0)
			look_in_open(&x->look, fd);
		else if (fd != -ENOENT && fd != -ENOTDIR && fd != -ELOOP)
			x->look.out->many = true;
	}
	map_fini(&known);
}

static void
find_by_list(struct reading *x)
{
	x->look.out->many = are_many(&x->look, x->at, x->end);
	take_listed(x);
	if (!x->look.out->many)
		check_listed(x->l, x->look.out);
	if (!x->look.out->many && x->changed.n)
		look_in_changed(x);
	vec_fini(&x->changed);
}

void
listed_find(const struct layout *l, const struct rules *r, size_t most,
	    struct listed *out)
{
	AUTO(str_fini) struct str text = STR_INIT;
	struct reading x = {
		.look = { .rules = r,
			  .abs = STR_INIT,
			  .entries = LOOK_ENTRIES,
			  .most = most,
			  .out = out },
		.l = l,
	};

	*out = (struct listed){ 0 };
	if (read_list(l, &text)) {
		x.at = text.s + strlen(LISTED_HEAD);
		x.end = text.s + text.len;
	}
	if (x.at && is_whole(x.at, x.end, &out->many)) {
		if (!out->many)
			find_by_list(&x);
	} else {
		out->many = false;
		look_in(&x.look, l->rootfd, ".");
	}
	str_fini(&x.look.abs);
}

void
listed_forget(struct layout *l)
{
	unlinkat(l->dirfd, PKG_LISTED, 0);
}

bool
listed_is_new(const struct layout *l)
{
	struct stat list, rules;

	if (fstatat(l->dirfd, PKG_LISTED, &list, AT_SYMLINK_NOFOLLOW) < 0 ||
	    fstatat(l->dirfd, PKG_OPTIONS, &rules, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	return list.st_mtim.tv_sec > rules.st_mtim.tv_sec ||
	       (list.st_mtim.tv_sec == rules.st_mtim.tv_sec &&
		list.st_mtim.tv_nsec >= rules.st_mtim.tv_nsec);
}

void
listed_write(struct layout *l)
{
	AUTO(str_fini) struct str text = STR_INIT;
	AUTO(listed_fini) struct listed found = { 0 };
	AUTO(err_fini) struct err e = ERR_INIT;
	struct look x = { .abs = STR_INIT,
			  .entries = LIST_ENTRIES,
			  .dirs = LIST_DIRS,
			  .most = LIST_NAMES,
			  .out = &found,
			  .text = &text };

	str_set(&text, LISTED_HEAD);
	look_in(&x, l->rootfd, ".");
	str_fini(&x.abs);
	if (found.many || text.len > LIST_BYTES - 2) {
		str_set(&text, LISTED_HEAD "m");
		str_addc(&text, '\0');
	}
	str_addn(&text, "e", 2);
	if (fs_replace(l->dirfd, PKG_LISTED, text.s, text.len, 0644, &e) < 0)
		listed_forget(l);
}
