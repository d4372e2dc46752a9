#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "exec/missing.h"

struct missing_entry {
	char *exe;
	int error;
	bool placeholder;
	unsigned count;
};

/* With -v, all of them. */
static void
tell(struct missing *m, const char *path)
{
	AUTO(str_fini) struct str shown = STR_INIT;

	if (m->rules && rules_expect_absent(m->rules, path, strlen(path)))
		return;
	str_add_escaped(&shown, path);
	if (m->told < MISSING_TOLD_MOST || log_is_verbose())
		log_error("%s: was listed when the package was made, but its content is "
			  "not in it",
			  shown.s);
	else if (m->told == MISSING_TOLD_MOST)
		log_error("… and more of these, see " PKG_MISSING " of the package");
	m->told += m->told <= MISSING_TOLD_MOST;
}

void
missing_add(struct missing *m, const char *call, const char *path, int error,
	    bool placeholder, const char *exe)
{
	AUTO(str_fini) struct str key = STR_INIT;
	struct missing_entry *x;
	struct map_slot *slot;

	str_set(&key, call);
	str_addc(&key, 0);
	str_add(&key, path);
	slot = map_get(&m->names, key.s, key.len);
	if (slot) {
		((struct missing_entry *)slot->p)->count++;
		return;
	}
	if (placeholder)
		tell(m, path);
	if (m->names.n >= MISSING_MOST)
		return;
	x = mem_alloc(sizeof(*x));
	*x = (struct missing_entry){ mem_strdup(exe ? exe : ""), error, placeholder, 1 };
	map_put(&m->names, key.s, key.len)->p = x;
}

static void
add_line(struct str *out, const char *key, const struct missing_entry *x)
{
	str_add(out, "{\"call\":");
	str_add_json(out, key);
	str_add(out, ",\"path\":");
	str_add_json(out, key + strlen(key) + 1);
	str_add(out, ",\"errno\":");
	str_add_json(out, strerrorname_np(x->error));
	str_addf(out,
		 ",\"placeholder\":%s,\"program\":", x->placeholder ? "true" : "false");
	str_add_json(out, x->exe);
	str_addf(out, ",\"count\":%u}\n", x->count);
}

int
missing_save(struct missing *m, struct layout *pkg, struct err *e)
{
	AUTO(str_fini) struct str text = STR_INIT;
	struct stat st;
	int r;

	if (!m->names.n)
		return 0;
	if (fstatat(pkg->dirfd, PKG_MISSING, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_size > MISSING_FILE_MOST)
		renameat(pkg->dirfd, PKG_MISSING, pkg->dirfd, PKG_MISSING ".old");
	AUTO(fd_drop)
	int fd = openat(pkg->dirfd, PKG_MISSING,
			O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return errno == EACCES || errno == EROFS || errno == EPERM
			       ? 0
			       : err_set(e, errno, "open %s/%s", pkg->dir.s, PKG_MISSING);
	for (struct map_slot *s = NULL; (s = map_next(&m->names, s));)
		add_line(&text, s->key, s->p);
	r = fd_write_all(fd, text.s, text.len);
	return r < 0 ? err_set(e, -r, "write %s/%s", pkg->dir.s, PKG_MISSING) : 0;
}

void
missing_fini(struct missing *m)
{
	for (struct map_slot *s = NULL; (s = map_next(&m->names, s));) {
		free(((struct missing_entry *)s->p)->exe);
		free(s->p);
	}
	map_fini(&m->names);
}
