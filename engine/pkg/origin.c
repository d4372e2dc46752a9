/*
 * Wanted names are collected, then each database is read once (origin_dpkg.c,
 * origin_text.c, origin_rpm.c); what they do not own is looked for among the packages of
 * languages (origin_lang.c).  For the rest the place says what it is.
 *
 * On a merged-/usr system /bin/x and /usr/bin/x are one file and packages list
 * either; both are brought to the spelling without /usr.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "path/lex.h"
#include "pkg/origin_priv.h"

static const char *const class_name[ORIGIN_CLASSES] = {
	[ORIGIN_PACKAGE] = "package",	[ORIGIN_USER] = "user",
	[ORIGIN_CONFIG] = "config",	[ORIGIN_GENERATED] = "generated",
	[ORIGIN_LANGUAGE] = "language", [ORIGIN_OUTPUT] = "output",
	[ORIGIN_LOCAL] = "local",	[ORIGIN_VIRTUAL] = "virtual",
	[ORIGIN_UNOWNED] = "unowned",
};

const char *
origin_class_name(enum origin_class c)
{
	return c < ORIGIN_CLASSES ? class_name[c] : "unowned";
}

enum origin_class
origin_class_of(const char *name, size_t len)
{
	for (int i = 0; i < ORIGIN_CLASSES; i++)
		if (strlen(class_name[i]) == len && memcmp(class_name[i], name, len) == 0)
			return i;
	return ORIGIN_UNOWNED;
}

struct origin *
origin_open(const char *root, struct err *e)
{
	struct origin *o;
	struct stat st;
	int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0) {
		err_set(e, errno, "open %s", root);
		return NULL;
	}
	o = mem_alloc(sizeof(*o));
	o->rootfd = fd;
	o->root = mem_strdup(root);
	o->merged =
		fstatat(fd, "bin", &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode);
	return o;
}

void
origin_close(struct origin *o)
{
	for (struct map_slot *s = NULL; (s = map_next(&o->target, s));)
		free(s->p);
	for (struct map_slot *s = NULL; (s = map_next(&o->diverted, s));) {
		struct diversion *d = s->p;

		free(d->to);
		free(d->package);
		free(d);
	}
	for (size_t i = 0; i < o->want.n; i++)
		free(o->want.v[i]);
	for (size_t i = 0; i < o->user.n; i++)
		free(o->user.v[i]);
	for (size_t i = 0; i < o->owner.n; i++)
		free(o->owner.v[i].sum);
	for (size_t i = 0; i < o->package.n; i++) {
		free(o->package.v[i].name);
		free(o->package.v[i].version);
	}
	vec_fini(&o->want);
	vec_fini(&o->user);
	vec_fini(&o->owner);
	vec_fini(&o->package);
	map_fini(&o->wanted);
	map_fini(&o->target);
	map_fini(&o->diverted);
	fd_drop(&o->rootfd);
	free(o->root);
	free(o);
}

static const char *const merged_dirs[] = {
	"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/libo32",
};

static bool
is_merged_dir(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(merged_dirs); i++)
		if (strcmp(path, merged_dirs[i]) == 0)
			return true;
	return false;
}

static bool
under_merged_dir(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(merged_dirs); i++)
		if (path_under(path, merged_dirs[i]))
			return true;
	return false;
}

const char *
origin_spelling(const struct origin *o, const char *path)
{
	if (o->merged && strncmp(path, "/usr/", 5) == 0 && under_merged_dir(path + 4))
		return path + 4;
	return path;
}

/* What a person installs nothing into. */
static bool
is_system_dir(const char *path)
{
	return path_under(path, "/usr") || path_under(path, "/etc") ||
	       under_merged_dir(path);
}

/* Packages put nothing elsewhere (Debian policy 9.1). */
static bool
may_be_owned(const char *path)
{
	static const char *const dirs[] = { "/var", "/opt", "/boot", "/srv" };

	if (path_under(path, "/usr/local"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		if (path_under(path, dirs[i]))
			return true;
	return is_system_dir(path);
}

void
origin_user_dir(struct origin *o, const char *dir)
{
	if (dir[0] != '/' || !dir[1] || is_system_dir(dir))
		return;
	for (size_t i = 0; i < o->user.n; i++)
		if (strcmp(o->user.v[i], dir) == 0)
			return;
	vec_push(&o->user, mem_strdup(dir));
}

void
origin_want(struct origin *o, const char *path)
{
	const char *key = origin_spelling(o, path);
	struct map_slot *s = map_put(&o->wanted, key, strlen(key));
	struct owner none = { 0 };

	if (s->u)
		return;
	vec_push(&o->owner, none);
	s->u = o->owner.n;
	vec_push(&o->want, mem_strdup(path));
}

struct owner *
origin_wanted(const struct origin *o, const char *path)
{
	const char *key = origin_spelling(o, path);
	const struct map_slot *s = map_get(&o->wanted, key, strlen(key));

	return s ? &o->owner.v[s->u - 1] : NULL;
}

uint32_t
origin_package_add(struct origin *o, enum origin_class class, const char *name,
		   const char *version)
{
	struct origin_package p = {
		.name = mem_strdup(name),
		.version = mem_strdup(version ? version : ""),
		.class = class,
	};

	vec_push(&o->package, p);
	return o->package.n;
}

struct owner *
origin_own(struct origin_reader *r, const char *path)
{
	struct owner *x = origin_wanted(r->o, path);

	if (!x || x->package)
		return NULL;
	if (!r->number)
		r->number = origin_package_add(r->o, r->class, r->name, r->version);
	x->package = r->number;
	return x;
}

void
origin_sum_hex(struct owner *x, const char *algo, const char *hex)
{
	AUTO(str_fini) struct str sum = STR_INIT;

	str_addf(&sum, "%s:%s", algo, hex);
	free(x->sum);
	x->sum = str_take(&sum);
}

void
origin_sum_base64(struct owner *x, const char *algo, const char *text, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789+/";
	AUTO(str_fini) struct str hex = STR_INIT;
	unsigned bits = 0, have = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
		const char *at = c ? strchr(digits, c) : NULL;

		if (!at)
			break;
		bits = (bits << 6 | (unsigned)(at - digits)) & 0xffff;
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		str_addf(&hex, "%02x", bits >> have & 0xff);
	}
	origin_sum_hex(x, algo, hex.s);
}

char *
origin_line(char **at)
{
	char *line = *at, *end;

	if (!*line)
		return NULL;
	end = strchrnul(line, '\n');
	*at = *end ? end + 1 : end;
	*end = '\0';
	return line;
}

int
origin_read(struct origin *o, const char *name, struct str *text, struct err *e)
{
	str_clear(text);
	if (fs_slurp(o->rootfd, name, text, e) == 0)
		return 0;
	if (e->code != ENOENT && e->code != ENOTDIR)
		return -1;
	err_clear(e);
	return 1;
}

int
origin_each(struct origin *o, const char *dir,
	    int (*cb)(struct origin *o, int dirfd, const char *name, struct err *e),
	    struct err *e)
{
	int fd = openat(o->rootfd, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *ent;
	int r = 0;

	if (!d) {
		fd_drop(&fd);
		return errno == ENOENT || errno == ENOTDIR
			       ? 0
			       : err_set(e, errno, "/%s", dir);
	}
	while (r == 0 && (ent = readdir(d)))
		if (ent->d_name[0] != '.')
			r = cb(o, fd, ent->d_name, e);
	closedir(d);
	return r;
}

int
origin_load(struct origin *o, struct err *e)
{
	bool any = false;

	for (size_t i = 0; i < o->want.n && !any; i++)
		any = may_be_owned(o->want.v[i]);
	if (any && (origin_load_dpkg(o, e) < 0 || origin_load_apk(o, e) < 0 ||
		    origin_load_pacman(o, e) < 0 || origin_load_rpm(o, e) < 0))
		return -1;
	origin_load_language(o);
	return 0;
}

/* Of a file that no package owns: the first row that fits.  The links of merged /usr
 * are nobody's. */
enum origin_class
origin_place(const struct origin *o, const char *path)
{
	static const struct {
		const char *dir; /* whole components; NULL: any */
		const char *end; /* … and the name ends so; NULL: any */
		enum origin_class class;
	} table[] = {
		{ "/proc", NULL, ORIGIN_VIRTUAL },
		{ "/sys", NULL, ORIGIN_VIRTUAL },
		{ "/dev", NULL, ORIGIN_VIRTUAL },
		{ "/run", NULL, ORIGIN_VIRTUAL },
		{ "/usr/local", NULL, ORIGIN_LOCAL },
		{ "/opt", NULL, ORIGIN_LOCAL },
		{ "/etc/ld.so.cache", NULL, ORIGIN_GENERATED },
		{ "/etc/mtab", NULL, ORIGIN_GENERATED },
		{ "/etc/ssl/certs", NULL, ORIGIN_GENERATED },
		{ "/etc", NULL, ORIGIN_CONFIG },
		{ "/var/lib", NULL, ORIGIN_GENERATED },
		{ "/var/cache", NULL, ORIGIN_GENERATED },
		{ "/usr/lib/locale", NULL, ORIGIN_GENERATED },
		{ "/usr", ".pyc", ORIGIN_GENERATED },
		{ "/usr", "cache", ORIGIN_GENERATED },
		{ "/usr/share/mime", NULL, ORIGIN_GENERATED },
		{ "/home", NULL, ORIGIN_USER },
		{ "/root", NULL, ORIGIN_USER },
	};

	for (size_t i = 0; i < o->user.n; i++)
		if (path_under(path, o->user.v[i]))
			return ORIGIN_USER;
	if (is_merged_dir(path))
		return ORIGIN_GENERATED;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (path_under(path, table[i].dir) &&
		    (!table[i].end || str_has_suffix(path, table[i].end)))
			return table[i].class;
	return ORIGIN_UNOWNED;
}

bool
origin_find(const struct origin *o, const char *path, struct origin_owner *out)
{
	const struct owner *x = origin_wanted(o, path);
	const struct map_slot *s;

	*out = (struct origin_owner){ origin_place(o, path), "", "", "" };
	if (o->merged && is_merged_dir(path))
		return false; /* listed by many as a directory, owned by none */
	if ((!x || !x->package) && (s = map_get(&o->target, path, strlen(path))))
		x = origin_wanted(o, s->p);
	if (!x || !x->package)
		return false;
	out->class = o->package.v[x->package - 1].class;
	out->package = o->package.v[x->package - 1].name;
	out->version = o->package.v[x->package - 1].version;
	out->sum = x->sum ? x->sum : "";
	return true;
}
