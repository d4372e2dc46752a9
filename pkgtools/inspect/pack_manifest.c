/*
 * The manifest that goes into an archive: a copy, taken by SQLite so that a writer does
 * not matter, made small in a way that only depends on what is in it.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fs.h"
#include "inspect/db.h"
#include "inspect/pack_priv.h"

uint64_t
pack_staged(struct package *p)
{
	if (!p->db)
		return 0;
	return (uint64_t)db_number(
		p, "SELECT count(DISTINCT grp) FROM edit WHERE done IS NOT written", 0);
}

static int
copy_rows(struct package *p, struct package *to, struct err *e)
{
	sqlite3_backup *b = sqlite3_backup_init(to->db, "main", p->db, "main");
	int rc = SQLITE_ERROR;

	if (b) {
		sqlite3_backup_step(b, -1);
		rc = sqlite3_backup_finish(b);
	}
	if (rc == SQLITE_OK)
		return 0;
	return db_fail((rc & 0xff) == SQLITE_CORRUPT ? p : to, "copy", e);
}

static int
make(struct package *p, struct package *to, const char *name, struct err *e)
{
	if (sqlite3_open_v2(name, &to->db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
				    SQLITE_OPEN_NOMUTEX,
			    NULL) != SQLITE_OK)
		return db_fail(to, "create", e);
	if (db_exec(to, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", e) < 0 ||
	    copy_rows(p, to, e) < 0 || manifest_distrust(to->db, e) < 0 ||
	    db_exec(to, "DELETE FROM edit", e) < 0)
		return -1;
	if (p->version >= 2 && db_exec(to, "DELETE FROM kept", e) < 0)
		return -1;
	return db_exec(to, "VACUUM", e);
}

int
pack_manifest(struct package *p, const char *dir, struct err *e)
{
	AUTO(str_fini) struct str name = STR_INIT;
	struct package to = PACKAGE_INIT;
	int fd = -1, r;

	if (p->version >= 2 && db_number(p, "SELECT count(*) FROM move", 0) > 0)
		return err_set(e, 0,
			       "%s: an interrupted write has to be finished first "
			       "(cde-pkg write)",
			       p->layout.dir.s);
	str_addf(&name, "%s/" PKG_MANIFEST, dir);
	r = make(p, &to, name.s, e);
	sqlite3_close(to.db);
	if (r == 0) {
		fd = open(name.s, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		if (fd < 0)
			err_set(e, errno, "%s", name.s);
	}
	unlink(name.s);
	return fd;
}
