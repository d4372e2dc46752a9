/*
 * Opening.  A manifest may be of an older format on a medium that cannot be written: it
 * is read as it is, rows.c leaves out the columns that it does not have.  A capture that
 * was killed leaves a journal, which only an open for writing can play back: that is
 * tried first.
 */
#include "inspect/package.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "inspect/db.h"
#include "inspect/edit_priv.h"
#include "inspect/lock.h"
#include "inspect/scan.h"
#include "inspect/unpack.h"
#include "path/lex.h"

bool
package_is_dir(const char *dir)
{
	AUTO(str_fini) struct str name = STR_INIT;
	struct stat st;

	str_set(&name, dir);
	path_append(&name, PKG_ROOT);
	return *dir && lstat(name.s, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The package around the present directory, or ./cde-package. */
static void
find_dir(struct str *out)
{
	AUTO(mem_free) char *cwd = getcwd(NULL, 0);

	str_set(out, "cde-package");
	if (package_is_dir(out->s) || !cwd || cwd[0] != '/')
		return;
	str_set(out, cwd);
	while (!package_is_dir(out->s)) {
		if (out->len == 1) {
			str_set(out, "cde-package");
			return;
		}
		path_to_parent(out);
	}
}

static int
load_rules(struct package *p, struct err *e)
{
	struct stat st;
	AUTO(str_fini) struct str name = STR_INIT;

	rules_init(&p->rules, 2);
	if (fstatat(p->layout.dirfd, PKG_OPTIONS, &st, 0) == 0 && !S_ISREG(st.st_mode))
		return err_set(e, 0, "%s/%s: not a regular file", p->layout.dir.s,
			       PKG_OPTIONS);
	if (fs_slurp(p->layout.dirfd, PKG_OPTIONS, &p->options, e) < 0) {
		if (e->code != ENOENT)
			return -1;
		err_clear(e);
		return 0;
	}
	str_addf(&name, "%s/%s", p->layout.dir.s, PKG_OPTIONS);
	return rules_parse(&p->rules, name.s, p->options.s, p->options.len, e);
}

static bool
can_write(const struct package *p)
{
	return faccessat(p->layout.dirfd, PKG_MANIFEST, W_OK, AT_EACCESS) == 0 &&
	       faccessat(p->layout.dirfd, ".", W_OK, AT_EACCESS) == 0;
}

static int
open_db(struct package *p, const char *name, bool write, struct err *e)
{
	int flags = write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;

	if (p->flags & PACKAGE_WRITE)
		flags |= SQLITE_OPEN_CREATE;
	if (sqlite3_open_v2(name, &p->db,
			    flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW,
			    NULL) != SQLITE_OK)
		return db_fail(p, "open", e);
	sqlite3_busy_timeout(p->db, 10000);
	if (manifest_distrust(p->db, e) < 0)
		return -1;
	if (p->flags & PACKAGE_WRITE)
		return manifest_migrate(p->db, e);
	sqlite3_exec(p->db, "PRAGMA cache_size = -4000", NULL, NULL, NULL);
	return db_exec(p, "PRAGMA query_only = ON", e);
}

static int
open_manifest(struct package *p, struct err *e)
{
	AUTO(str_fini) struct str name = STR_INIT;
	struct scan_counts counts = { 0 };
	struct stat st;
	bool there =
		fstatat(p->layout.dirfd, PKG_MANIFEST, &st, AT_SYMLINK_NOFOLLOW) == 0;

	if ((p->flags & PACKAGE_TREE) || (!there && !(p->flags & PACKAGE_WRITE)))
		return 0;
	str_addf(&name, "%s/%s", p->layout.dir.s, PKG_MANIFEST);
	if (there && !S_ISREG(st.st_mode))
		return err_set(e, 0, "%s: not a regular file", name.s);
	if (there && st.st_size == 0 && !(p->flags & PACKAGE_WRITE))
		return 0; /* a capture that has just begun */
	if (open_db(p, name.s, (p->flags & PACKAGE_WRITE) || can_write(p), e) < 0)
		return -1;
	p->version = manifest_check(p->db, e);
	if (p->version < 0)
		return -1;
	return there && st.st_size ? 0 : scan_rows(p, &counts, e);
}

static int
open_archive(struct package *p, const char *file, struct err *e)
{
	static const struct unpacked none = UNPACKED_INIT;

	if (p->flags & PACKAGE_WRITE)
		return err_set(e, 0, "%s: an archive cannot be changed (cde-pkg unpack)",
			       file);
	p->unpacked = mem_dup(&none, sizeof(none));
	if (unpack_private(p->unpacked, file, e) < 0)
		return -1;
	return layout_open(&p->layout, p->unpacked->name.s, e);
}

static int
open_place(struct package *p, const char *dir, struct err *e)
{
	struct stat st;

	if (stat(dir, &st) == 0 && S_ISREG(st.st_mode))
		return open_archive(p, dir, e);
	return layout_open(&p->layout, dir, e);
}

int
package_open(struct package *p, const char *dir, unsigned flags, struct err *e)
{
	AUTO(str_fini) struct str found = STR_INIT;
	AUTO(err_fini) struct err none = ERR_INIT;

	p->flags = flags;
	if (!dir) {
		find_dir(&found);
		dir = found.s;
	}
	if (open_place(p, dir, e) < 0) {
		if (found.len && e->code == ENOENT)
			err_set(e, 0, "no package here (no ./cde-package; -p names one)");
		return -1;
	}
	if (load_rules(p, e) < 0 || ((flags & PACKAGE_WRITE) && package_lock(p, e) < 0))
		return -1;
	if (open_manifest(p, e) < 0)
		return err_wrap(e,
				"%s (--no-manifest looks at the files alone, "
				"cde-pkg scan --new makes a new one)",
				p->layout.dir.s);
	if (!p->unpacked)
		edit_moves_recover(p, &none); /* p->unfinished tells */
	return 0;
}

void
package_stop_when(struct package *p, int (*stop)(void *ctx), void *ctx)
{
	if (p->db)
		sqlite3_progress_handler(p->db, 100, stop, ctx);
}

int64_t
package_generation(struct package *p)
{
	return p->db ? db_number(p, "PRAGMA data_version", 0) : 0;
}

void
package_close(struct package *p)
{
	sqlite3_close(p->db);
	p->db = NULL;
	rules_fini(&p->rules);
	str_fini(&p->options);
	layout_fini(&p->layout);
	fd_drop(&p->lock);
	if (p->unpacked)
		unpack_remove(p->unpacked);
	free(p->unpacked);
	p->unpacked = NULL;
}

/* The database in memory from now on. */
static int
to_memory(struct package *p, struct err *e)
{
	sqlite3 *copy = NULL;
	sqlite3_backup *b;
	int rc = sqlite3_open_v2(":memory:", &copy,
				 SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
					 SQLITE_OPEN_NOMUTEX,
				 NULL);

	if (rc == SQLITE_OK && (b = sqlite3_backup_init(copy, "main", p->db, "main"))) {
		sqlite3_backup_step(b, -1);
		rc = sqlite3_backup_finish(b);
	}
	if (rc != SQLITE_OK) {
		db_fail(p, "read", e);
		sqlite3_close(copy);
		return -1;
	}
	sqlite3_close(p->db);
	p->db = copy;
	return manifest_distrust(copy, e);
}

int
package_writable(struct package *p, struct err *e)
{
	AUTO(err_fini) struct err inner = ERR_INIT;

	if (p->flags & PACKAGE_WRITE)
		return 0;
	sqlite3_exec(p->db, "PRAGMA query_only = OFF", NULL, NULL, NULL);
	sqlite3_exec(p->db, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
	sqlite3_busy_timeout(p->db, 1000);
	/* BEGIN IMMEDIATE alone does not tell: on a read-only one it is a plain BEGIN. */
	if (sqlite3_db_readonly(p->db, "main") == 0 &&
	    db_exec(p, "BEGIN IMMEDIATE", &inner) == 0)
		db_exec(p, "ROLLBACK", &inner);
	else if (to_memory(p, e) < 0)
		return -1;
	sqlite3_busy_timeout(p->db, 10000);
	if (manifest_migrate(p->db, e) < 0)
		return -1;
	p->version = MANIFEST_VERSION;
	return 0;
}

void
package_readonly(struct package *p)
{
	if (!(p->flags & PACKAGE_WRITE))
		sqlite3_exec(p->db, "PRAGMA query_only = ON", NULL, NULL, NULL);
}

char
entry_letter(const struct entry *x)
{
	bool inherited = x->flags & ENTRY_INHERITED;

	if (x->flags & ENTRY_DROP)
		return 'D';
	if (x->flags & ENTRY_ADD)
		return 'A';
	if (x->flags & ENTRY_MISSING)
		return '!';
	if (x->flags & ENTRY_HIDDEN)
		return inherited ? 'x' : 'X';
	if ((x->flags & ENTRY_HOST) || x->state == FILE_HOST)
		return inherited ? 'h' : 'H';
	if (x->flags & ENTRY_PREDICTED)
		return '?';
	switch (x->state) {
	case FILE_PLACEHOLDER:
		return '-';
	case FILE_UNREADABLE:
	case FILE_LOST:
		return 'u';
	case FILE_SPECIAL:
		return 's';
	case FILE_OUTPUT:
		return '~';
	case FILE_CAPTURED:
	case FILE_HOST:
		break;
	}
	return x->flags & ENTRY_MODIFIED ? 'M' : ' ';
}

void
package_spell(const char *arg, struct str *out)
{
	str_set(out, "/");
	path_append(out, arg);
	path_clean(out);
}
