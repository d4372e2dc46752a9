/*
 * fixture: makes packages to look at, without a capture.
 *
 *	fixture file TSV DIR      what the table says (tests/tui/fixtures/demo.tsv)
 *	fixture odd DIR           thirteen odd names in one directory
 *	fixture empty DIR         no file at all
 *	fixture one DIR           one file
 *	fixture big DIR N         N files, 1000 in each directory; only the manifest has them
 *	fixture flat DIR N        N files in one directory
 *
 * Regular files have the size that is asked for (a hole), all else is as it says.  DIR
 * must not exist.
 */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "pkg/manifest.h"

enum { FIELDS = 13, TIME = 1764000000 };

struct fixture {
	struct layout layout;
	struct manifest *m;
	sqlite3 *db;
	sqlite3_stmt *file, *access;
};

static void
check(struct fixture *x, int rc)
{
	if (rc != SQLITE_OK && rc != SQLITE_DONE && rc != SQLITE_ROW)
		log_die(1, "%s", sqlite3_errmsg(x->db));
}

static void
run_sql(struct fixture *x, const char *sql)
{
	check(x, sqlite3_exec(x->db, sql, NULL, NULL, NULL));
}

static void
begin(struct fixture *x, const char *dir)
{
	AUTO(err_fini) struct err e = ERR_INIT;

	x->layout = (struct layout)LAYOUT_INIT;
	if (layout_create(&x->layout, dir, &e) < 0 ||
	    !(x->m = manifest_open(&x->layout, &e)) || manifest_flush(x->m, &e) < 0 ||
	    fs_replace(x->layout.dirfd, PKG_OPTIONS, "# cde.options v2\n", 17, 0644, &e) <
		    0)
		log_die(1, "%s", e.text.s);
	x->db = manifest_db(x->m);
	run_sql(x, "PRAGMA synchronous=OFF; BEGIN");
	check(x, sqlite3_prepare_v2(
			 x->db,
			 "INSERT INTO file(path,kind,mode,size,mtime_ns,link,state,"
			 "origin_class,origin_package,origin_version,type,uid,gid,"
			 "run) VALUES(?,?,?,?,?,?,?,?,?,?,?,0,0,1)",
			 -1, &x->file, NULL));
	check(x,
	      sqlite3_prepare_v2(x->db,
				 "INSERT INTO access(file, process, kind) VALUES(?,1,?)",
				 -1, &x->access, NULL));
}

static void
end(struct fixture *x)
{
	AUTO(err_fini) struct err e = ERR_INIT;

	sqlite3_finalize(x->file);
	sqlite3_finalize(x->access);
	run_sql(x, "COMMIT");
	if (manifest_close(x->m, &e) < 0)
		log_die(1, "%s", e.text.s);
	layout_fini(&x->layout);
}

/* Names are TEXT when they are UTF-8; the odd ones of here that are not have a byte ff. */
static void
bind(struct fixture *x, sqlite3_stmt *s, int at, const char *text)
{
	if (!text || strcmp(text, "-") == 0)
		check(x, sqlite3_bind_null(s, at));
	else if (strchr(text, 0xff))
		check(x, sqlite3_bind_blob(s, at, text, (int)strlen(text),
					   SQLITE_TRANSIENT));
	else
		check(x, sqlite3_bind_text(s, at, text, -1, SQLITE_TRANSIENT));
}

struct row {
	const char *path, *kind, *link, *class, *package, *version, *type;
	unsigned mode, state, access;
	long long size, mtime;
};

static void
add_row(struct fixture *x, const struct row *r)
{
	sqlite3_stmt *s = x->file;
	const char *text[] = { r->class, r->package, r->version, r->type };

	bind(x, s, 1, r->path);
	bind(x, s, 2, r->kind);
	sqlite3_bind_int(s, 3, (int)r->mode);
	sqlite3_bind_int64(s, 4, r->size);
	sqlite3_bind_int64(s, 5, r->mtime * 1000000000);
	bind(x, s, 6, r->link);
	sqlite3_bind_int(s, 7, (int)r->state);
	for (int i = 0; i < 4; i++)
		bind(x, s, 8 + i, text[i]);
	check(x, sqlite3_step(s));
	check(x, sqlite3_reset(s));
	if (!r->access)
		return;
	sqlite3_bind_int64(x->access, 1, sqlite3_last_insert_rowid(x->db));
	sqlite3_bind_int(x->access, 2, (int)r->access);
	check(x, sqlite3_step(x->access));
	check(x, sqlite3_reset(x->access));
}

static void
add_object(struct fixture *x, const struct row *r)
{
	AUTO(str_fini) struct str dir = STR_INIT;
	const char *rel = r->path + 1;
	AUTO(fd_drop) int fd = -1;

	if (r->state != FILE_CAPTURED)
		return;
	str_set(&dir, rel);
	if (strchr(rel, '/'))
		str_trunc(&dir, (size_t)(strrchr(dir.s, '/') - dir.s));
	if (r->kind[0] == 'd'  ? fs_mkdirs(x->layout.rootfd, rel) < 0
	    : strchr(rel, '/') ? fs_mkdirs(x->layout.rootfd, dir.s) < 0
			       : false)
		log_die(1, "%s: cannot make its directory", r->path);
	if (r->kind[0] == 'l' && symlinkat(r->link, x->layout.rootfd, rel) < 0)
		log_die(1, "%s: %s", r->path, strerror(errno));
	if (r->kind[0] != 'f')
		return;
	fd = openat(x->layout.rootfd, rel, O_WRONLY | O_CREAT | O_CLOEXEC,
		    r->mode & 0777);
	if (fd < 0 || ftruncate(fd, r->size) < 0)
		log_die(1, "%s: %s", r->path, strerror(errno));
}

static void
insert(struct fixture *x, const char *sql, const char *const *text, int n)
{
	sqlite3_stmt *s;

	check(x, sqlite3_prepare_v2(x->db, sql, -1, &s, NULL));
	for (int i = 0; i < n; i++)
		bind(x, s, i + 1, text[i]);
	check(x, sqlite3_step(s));
	sqlite3_finalize(s);
}

/* An absolute link would lead out while the next one is made below it: links last. */
static void
read_line(struct fixture *x, char **f, bool links)
{
	struct row r = { f[1],
			 f[2],
			 f[6],
			 f[8],
			 f[9],
			 f[10],
			 f[11],
			 (unsigned)strtoul(f[3], NULL, 8),
			 (unsigned)atoi(f[7]),
			 (unsigned)atoi(f[12]),
			 atoll(f[4]),
			 atoll(f[5]) };

	if (f[0][0] == 'F' && links == (f[2][0] == 'l')) {
		add_object(x, &r);
		add_row(x, &r);
	}
	if (links)
		return;
	if (f[0][0] == 'R')
		insert(x,
		       "INSERT INTO run(argv,cwd,home,started,seconds,status,engine) "
		       "VALUES(?,?,?,?,CAST(? AS REAL),CAST(? AS INTEGER),'ptrace')",
		       (const char *const *)f + 1, 6);
	if (f[0][0] == 'P')
		insert(x,
		       "INSERT INTO process(id,run,parent,pid,exe,argv) VALUES(CAST(? AS "
		       "INTEGER),1,CAST(? AS INTEGER),CAST(? AS INTEGER),?,?)",
		       (const char *const *)f + 1, 5);
	if (f[0][0] == 'M')
		insert(x,
		       "INSERT INTO miss(path,call,errno,count,run,process) VALUES(?,?,"
		       "CAST(? AS INTEGER),CAST(? AS INTEGER),1,1)",
		       (const char *const *)f + 1, 4);
}

static void
read_fact(struct fixture *x, char **f)
{
	if (f[0][0] == 'K')
		insert(x,
		       "INSERT OR IGNORE INTO fact SELECT id,?2,?3 FROM file WHERE "
		       "path=?1",
		       (const char *const *)f + 1, 3);
}

static void
read_table(struct fixture *x, const char *name, int pass)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	AUTO(str_fini) struct str text = STR_INIT;
	char *save = NULL;

	if (fs_slurp(AT_FDCWD, name, &text, &e) < 0)
		log_die(1, "%s", e.text.s);
	for (char *line = strtok_r(text.s, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *f[FIELDS], none[] = "";
		int n = 0;

		if (*line == '#')
			continue;
		for (char *s = line; s && n < FIELDS; n++) {
			f[n] = s;
			s = strchr(s, '\t');
			if (s)
				*s++ = '\0';
		}
		while (n < FIELDS)
			f[n++] = none;
		if (pass == 2)
			read_fact(x, f);
		else
			read_line(x, f, pass == 1);
	}
}

static void
add_file(struct fixture *x, const char *path, long long size, bool real)
{
	struct row r = { path,	 "f",	  "-", "user", "-",  "-",
			 "data", 0100644, 0,   0x2,    size, TIME };

	if (real)
		add_object(x, &r);
	add_row(x, &r);
}

static void
add_odd(struct fixture *x)
{
	static const char *const name[] = {
		"new\nline",
		"esc\033[31mred",
		"tab\tx",
		"bad\xff\xfeutf",
		"rtl\u202egpj.exe",
		"zero\u200bwidth",
		"\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57",
		" leading",
		"trailing ",
		"back\\slash",
		"e\u0301accent",
		"\u0301alone",
		"c1\xc2\x9b[31m",
	};

	for (size_t i = 0; i < ARRAY_SIZE(name); i++) {
		AUTO(str_fini) struct str path = STR_INIT;

		str_addf(&path, "/home/odd/%s", name[i]);
		add_file(x, path.s, 100 + (long long)i, true);
	}
}

static void
add_many(struct fixture *x, long n, bool flat)
{
	for (long i = 0; i < n; i++) {
		AUTO(str_fini) struct str path = STR_INIT;

		if (flat)
			str_addf(&path, "/data/file%07ld.dat", i);
		else
			str_addf(&path, "/data/part%04ld/file%03ld.dat", i / 1000,
				 i % 1000);
		add_file(x, path.s, (i * 7919) % 100000, false);
	}
}

int
main(int argc, char **argv)
{
	const char *kind = argc > 2 ? argv[1] : "",
		   *dir = argv[argc > 3 && kind[0] == 'f' && kind[1] == 'i' ? 3 : 2];
	struct fixture x = { 0 };

	log_init("fixture", false);
	if (argc < 3)
		log_die(2, "usage: fixture file TSV DIR | odd|empty|one DIR | big|flat "
			   "DIR N");
	umask(022);
	begin(&x, dir);
	if (strcmp(kind, "file") == 0)
		for (int pass = 0; pass < 3; pass++)
			read_table(&x, argv[2], pass);
	else
		run_sql(&x, "INSERT INTO "
			    "run(argv,cwd,home,started,seconds,status,engine) VALUES"
			    "('true','/home/odd','/"
			    "home','2026-11-24T10:48:00Z',0.1,0,'ptrace');"
			    "INSERT INTO process VALUES(1,1,0,100,'/bin/true','true')");
	if (strcmp(kind, "odd") == 0)
		add_odd(&x);
	else if (strcmp(kind, "one") == 0)
		add_file(&x, "/only", 1234, true);
	else if (argc > 3 && (strcmp(kind, "big") == 0 || strcmp(kind, "flat") == 0))
		add_many(&x, atol(argv[3]), kind[0] == 'f');
	end(&x);
	return 0;
}
