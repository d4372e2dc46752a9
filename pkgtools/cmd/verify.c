/*
 * verify: are the files what the manifest says?  Kind, size, mode, text of links, content
 * where a checksum is known; then what is there without being in the manifest.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "cmd/cmd.h"
#include "cmd/progress.h"
#include "inspect/db.h"
#include "inspect/digest.h"
#include "tree/place.h"

struct verify {
	bool quick;
};

static int
set_quick(void *ctx, const char *value, struct err *e)
{
	OWN(ctx, struct verify)->quick = true;
	return 0;
}

static const struct opt options[] = {
	{ 'q', "quick", NULL, "no checksums: do not read the files", set_quick },
	{ .name = NULL },
};

static const struct out_column column[] = {
	{ "problem", OUT_TEXT, -9 },
	{ "path", OUT_NAME, -50 },
	{ "detail", OUT_NAME, 0 },
};

struct work {
	struct call *c;
	struct progress progress;
	uint64_t files, bytes, rows, unhashed;
};

static void
row(struct work *w, const char *problem, const char *path, const char *detail)
{
	const struct out_cell cell[] = { out_text(problem), out_text(path),
					 out_text(detail) };

	out_row(&w->c->out, cell);
	w->rows++;
}

/* Columns: path, kind, mode, size, link, sha256. */
static void
check_content(struct work *w, sqlite3_stmt *s, const char *path)
{
	AUTO(err_fini) struct err why = ERR_INIT;
	char sha[DIGEST_HEX], other[DIGEST_HEX];
	const char *want = db_name(s, 5, NULL);
	struct stat st;
	AUTO(fd_drop) int fd = package_file(&w->c->package, path, false, &st, &why);
	int r;

	if (fd < 0) {
		row(w, "content", path, why.text.s);
		return;
	}
	w->unhashed += !want;
	if (!want || OWN(w->c, struct verify)->quick)
		return;
	r = digest_file(fd, sha, NULL, other);
	if (r < 0)
		row(w, "unreadable", path, strerror(-r));
	else if (strcmp(sha, want) != 0)
		row(w, "content", path, "not what the checksum was made of");
	w->bytes += (uint64_t)st.st_size;
}

static void
check_link(struct work *w, sqlite3_stmt *s, const char *path)
{
	AUTO(str_fini) struct str text = STR_INIT;
	const char *want = db_name(s, 4, NULL);

	if (package_readlink(&w->c->package, path, &text) < 0 || !want ||
	    strcmp(text.s, want) != 0)
		row(w, "link", path, text.s);
}

/* Directories are kept open to their owner, set-user-id is not kept. */
static bool
same_mode(mode_t have, mode_t want)
{
	if (S_ISDIR(have))
		want |= 0700;
	return S_ISLNK(have) || (have & 0777) == (want & 0777);
}

static void
check_row(struct work *w, sqlite3_stmt *s, const char *path)
{
	AUTO(str_fini) struct str text = STR_INIT;
	mode_t mode = (mode_t)sqlite3_column_int64(s, 2);
	struct stat st;
	int r = package_lstat(&w->c->package, path, &st);

	if (r < 0) {
		row(w, "missing", path, strerror(-r));
		return;
	}
	if ((st.st_mode & S_IFMT) != (mode & S_IFMT)) {
		row(w, "kind", path, "not what it was");
		return;
	}
	if (!same_mode(st.st_mode, mode) && path[1]) {
		str_addf(&text, "%04o, was %04o", (unsigned)st.st_mode & 07777,
			 (unsigned)mode & 07777);
		row(w, "mode", path, text.s);
	}
	if (S_ISREG(mode) && st.st_size != sqlite3_column_int64(s, 3)) {
		str_clear(&text);
		str_addf(&text, "%lld bytes, was %lld", (long long)st.st_size,
			 (long long)sqlite3_column_int64(s, 3));
		row(w, "size", path, text.s);
	} else if (S_ISREG(mode)) {
		check_content(w, s, path);
	} else if (S_ISLNK(mode)) {
		check_link(w, s, path);
	}
}

static int
check_rows(struct work *w, struct err *e)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	struct package *p = &w->c->package;
	int got = 0;

	if (db_prepare(
		    p, &s,
		    "SELECT path, kind, mode, size, link, sha256 FROM file WHERE state=0"
		    " ORDER BY path",
		    e) < 0)
		return -1;
	while (!cmd_interrupted() && (got = db_step(p, s, e)) > 0) {
		size_t len;
		const char *path = db_name(s, 0, &len);
		AUTO(str_fini) struct str own = STR_INIT;

		if (!path || !db_is_path(path, len)) {
			row(w, "name", path ? path : "?",
			    "cannot be a path of the package");
			continue;
		}
		str_setn(&own, path, len);
		check_row(w, s, own.s);
		progress_at(&w->progress, ++w->files, w->bytes);
	}
	return cmd_interrupted() ? 0 : got;
}

struct extra {
	struct work *w;
	const struct model *known;
};

static enum model_step
of_tree(void *ctx, uint32_t n, const struct entry *x)
{
	const struct extra *y = ctx;
	uint32_t known = model_find(y->known, x->path, x->len);
	const struct node *k = known == UINT32_MAX ? NULL : &y->known->node[known];
	bool placeholder = x->state == FILE_PLACEHOLDER;

	/* Capture makes these for names that were listed and are the host's. */
	if (x->kind == 'd' || (placeholder && !k))
		return MODEL_ON;
	if (!k)
		row(y->w, "extra", x->path, "not in the manifest");
	else if (((k->state & 15) == FILE_OUTPUT || (k->state & 15) == FILE_HOST) &&
		 !placeholder && x->kind == 'f')
		row(y->w, "extra", x->path, "should not be in the package");
	return MODEL_ON;
}

static int
check_tree(struct work *w, struct err *e)
{
	AUTO(model_fini) struct model known = { 0 }, tree = { 0 };
	struct package files = w->c->package;
	const struct extra x = { w, &known };

	files.db = NULL;
	if (model_load(&known, &w->c->package, 0, e) < 0 ||
	    model_load(&tree, &files, 0, e) < 0)
		return -1;
	model_each(&tree, 0, of_tree, (void *)&x);
	return 0;
}

static int
run(struct call *c, struct err *e)
{
	struct work w = { .c = c };

	if (!c->package.db)
		return err_set(e, 0,
			       "%s: there is no manifest to compare with (cde-pkg scan "
			       "makes one)",
			       c->package.layout.dir.s);
	cmd_catch_interrupt();
	out_begin(&c->out, "verify", column, ARRAY_SIZE(column));
	progress_begin(&w.progress, "verify",
		       (uint64_t)db_number(&c->package,
					   "SELECT count(*) FROM file WHERE state=0", 0),
		       0);
	if (check_rows(&w, e) < 0 || check_tree(&w, e) < 0) {
		progress_end(&w.progress);
		return -1;
	}
	progress_end(&w.progress);
	if (out_end(&c->out, e) < 0)
		return -1;
	if (w.unhashed && !OWN(c, struct verify)->quick && c->out.format == OUT_TABLE)
		log_error("%llu file%s no checksum yet (cde-pkg scan makes them)",
			  (unsigned long long)w.unhashed,
			  w.unhashed == 1 ? " has" : "s have");
	return w.rows ? EXIT_FINDINGS : EXIT_FINE;
}

const struct cmd cmd_verify = {
	.name = "verify",
	.args = "",
	.brief = "compare the files with the manifest",
	.more = "Exit status: 0 all as it was, 3 something is not.",
	.group = CMD_WHOLE,
	.flags = CMD_LISTS,
	.opts = options,
	.own = sizeof(struct verify),
	.run = run,
};
