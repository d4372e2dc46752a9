/*
 * check: a captured command is repeated where there is nothing but the package, and
 * compared with the captured run: exit status, outputs, and, given as a file, stdout.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "cmd/check_why.h"
#include "inspect/db.h"
#include "inspect/detail.h"
#include "inspect/differ.h"
#include "inspect/digest.h"

struct check_opts {
	const char *expected; /* file with the stdout of the captured run */
};

static int
set_stdout(void *ctx, const char *value, struct err *e)
{
	OWN(ctx, struct check_opts)->expected = value;
	return 0;
}

static const struct opt options[] = {
	{ 0, "stdout", "FILE", "what the captured run printed: compare it", set_stdout },
	{ .name = NULL },
};

static const struct out_column column[] = {
	{ "verdict", OUT_TEXT, -7 },
	{ "check", OUT_TEXT, -9 },
	{ "path", OUT_NAME, -24 },
	{ "detail", OUT_NAME, 0 },
};

static void
check_fini(struct check *k)
{
	for (size_t i = 0; i < k->path.n; i++) {
		free(k->path.v[i]);
		str_fini(&k->was.v[i].text);
	}
	vec_fini(&k->path);
	vec_fini(&k->was);
	str_fini(&k->expected);
	isolate_fini(&k->run);
	fd_drop(&k->run.out);
	fd_drop(&k->run.err);
}

void
check_row(struct check *k, enum check_verdict v, const char *check, const char *path,
	  const char *detail)
{
	static const char *const word[] = { "ok", "differs", "unknown", "cause" };
	struct out_cell cell[] = { out_text(word[v]), out_text(check), out_text(path),
				   out_text(detail) };

	if (v == CHECK_DIFFERS)
		cell[0].style = OUT_STYLE_RED;
	k->differs |= v == CHECK_DIFFERS;
	out_row(&k->c->out, cell);
}

/* ---- the captured run ---- */

static int
choose_run(struct check *k, struct err *e)
{
	detail_runs runs = { 0 };
	int64_t want = 0;
	int r;

	if (k->c->argc && cmd_number(k->c->argv[0], 1, &want, e) < 0) {
		k->c->error_status = EXIT_USAGE;
		return -1;
	}
	r = detail_runs_read(&k->c->package, &runs, e);
	for (size_t i = 0; r == 0 && i < runs.n; i++)
		if (!want || runs.v[i].id == want) {
			k->id = runs.v[i].id;
			k->status = runs.v[i].status;
		}
	detail_runs_fini(&runs);
	if (r == 0 && !k->id)
		return err_set(e, 0,
			       want ? "there is no run %" PRId64
				    : "the manifest knows of no run",
			       want);
	return r;
}

/* Packaged with --with-outputs: its content is at hand. */
static void
take_packaged(struct check *k, struct isolate_file *was)
{
	AUTO(err_fini) struct err none = ERR_INIT;
	char other[DIGEST_HEX];
	struct stat st;
	AUTO(fd_drop)
	int fd = was->kind == 'f'
			 ? package_file(&k->c->package, was->path, false, &st, &none)
			 : -1;

	if (fd < 0 || (uint64_t)st.st_size != was->size)
		return;
	if (!was->sha256[0] && digest_file(fd, was->sha256, NULL, other) < 0)
		was->sha256[0] = '\0';
	if (st.st_size <= ISOLATE_TEXT_MOST && lseek(fd, 0, SEEK_SET) == 0)
		fd_read_all(fd, &was->text);
}

static int
read_outputs(struct check *k, struct err *e)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	struct package *p = &k->c->package;
	int got;

	if (db_prepare(
		    p, &s,
		    "SELECT path, kind, size, sha256 FROM file WHERE (state = 2 OR"
		    " origin_class = 'output') AND run = ?1 ORDER BY path LIMIT 100000",
		    e) < 0)
		return -1;
	sqlite3_bind_int64(s, 1, k->id);
	while ((got = db_step(p, s, e)) > 0) {
		struct isolate_file was = { .text = STR_INIT };
		const char *kind = db_name(s, 1, NULL);
		size_t len;
		const char *path = db_name(s, 0, &len), *sha = db_name(s, 3, NULL);
		struct decision d;

		if (!path || !db_is_path(path, len) || !path[1])
			continue;
		d = rules_decide(&p->rules, path, len);
		if (d.verdict == VERDICT_HOST)
			continue; /* not in the package: nowhere to look */
		was.kind = kind ? *kind : '?';
		was.size = (uint64_t)sqlite3_column_int64(s, 2);
		if (sha && strlen(sha) < sizeof(was.sha256))
			strcpy(was.sha256, sha);
		vec_push(&k->path, mem_strdup(path));
		was.path = k->path.v[k->path.n - 1];
		take_packaged(k, &was);
		vec_push(&k->was, was);
	}
	return got;
}

/* ---- comparing ---- */

static void
describe(int64_t status, struct str *out)
{
	if (status < 0)
		str_add(out, "did not end");
	else if (WIFSIGNALED((int)status))
		str_addf(out, "killed by %s", strsignal(WTERMSIG((int)status)));
	else
		str_addf(out, "%d", WEXITSTATUS((int)status));
}

static void
compare_status(struct check *k)
{
	AUTO(str_fini) struct str text = STR_INIT;

	describe(k->run.status, &text);
	if (k->status < 0) {
		check_row(k, CHECK_UNKNOWN, "status", NULL, text.s);
		return;
	}
	if (k->status != k->run.status) {
		str_add(&text, ", at capture ");
		describe(k->status, &text);
	}
	check_row(k, k->status == k->run.status ? CHECK_OK : CHECK_DIFFERS, "status",
		  NULL, text.s);
}

static void
compare_output(struct check *k, size_t i)
{
	const struct isolate_file *was = &k->was.v[i], *is = &k->run.file.v[i];
	AUTO(str_fini) struct str text = STR_INIT;

	if (!is->kind)
		str_add(&text, "was not made");
	else if (is->kind != was->kind)
		str_addf(&text, "another kind of file: %c, at capture %c", is->kind,
			 was->kind);
	else if (is->kind == 'f' && is->size != was->size)
		str_addf(&text, "%" PRIu64 " bytes, at capture %" PRIu64, is->size,
			 was->size);
	else if (is->kind == 'f' && was->sha256[0] && is->sha256[0] &&
		 strcmp(is->sha256, was->sha256) != 0)
		str_add(&text, "other content");
	if (text.len)
		check_row(k, CHECK_DIFFERS, "output", was->path, text.s);
	else
		check_row(k, CHECK_OK, "output", was->path,
			  is->kind == 'f' && !was->sha256[0] ? "same size" : "the same");
}

/* Cut so that a row remains a row. */
static void
add_line(struct str *out, const struct str *line, bool end)
{
	enum { MOST = 60 };
	size_t n = line->len < MOST ? line->len : MOST;

	if (end) {
		str_add(out, "the end");
		return;
	}
	while (n < line->len && n && (line->s[n] & 0xc0) == 0x80)
		n--;
	str_addc(out, '\'');
	str_addn(out, line->s, n);
	str_add(out, n < line->len ? "…'" : "'");
}

static int
compare_stdout(struct check *k, struct err *e)
{
	AUTO(str_fini) struct str is = STR_INIT, text = STR_INIT;
	AUTO(differ_fini) struct differ d = { 0 };
	const struct differ_facts facts = { .host = "", .user = "", .uid = "" };

	if (!k->compares) {
		check_row(k, CHECK_UNKNOWN, "stdout", NULL,
			  "the manifest does not have it; see --stdout");
		return 0;
	}
	if (check_read(k->run.out, &is, e) < 0)
		return -1;
	differ_compare(&d, &is, &k->expected, NULL, &facts);
	if (d.line) {
		str_addf(&text, "line %zu is ", d.line);
		add_line(&text, &d.is, d.is_end);
		str_add(&text, ", at capture ");
		add_line(&text, &d.was, d.was_end);
	}
	check_row(k, d.line ? CHECK_DIFFERS : CHECK_OK, "stdout", NULL,
		  d.line ? text.s : "the same");
	return 0;
}

int
check_read(int fd, struct str *out, struct err *e)
{
	if (lseek(fd, 0, SEEK_SET) < 0 || fd_read_all(fd, out) < 0)
		return err_set(e, EIO, "output of the run");
	return 0;
}

int
check_start(struct check *k, struct isolate *run, struct err *e)
{
	run->p = &k->c->package;
	run->run = k->id;
	run->out = memfd_create("stdout", MFD_CLOEXEC);
	run->err = memfd_create("stderr", MFD_CLOEXEC);
	if (run->out < 0 || run->err < 0)
		return err_set(e, errno, "memory for the output");
	for (size_t i = 0; i < k->path.n; i++)
		vec_push(&run->file, ((struct isolate_file){ .path = k->path.v[i],
							     .text = STR_INIT }));
	return isolate_run(run, e);
}

static int
check(struct check *k, struct err *e)
{
	const char *expected = OWN(k->c, struct check_opts)->expected;

	if (expected && fs_slurp(AT_FDCWD, expected, &k->expected, e) < 0)
		return -1;
	if (choose_run(k, e) < 0 || read_outputs(k, e) < 0)
		return -1;
	k->compares = expected;
	if (check_start(k, &k->run, e) < 0)
		return -1;
	out_begin(&k->c->out, "check", column, ARRAY_SIZE(column));
	compare_status(k);
	if (compare_stdout(k, e) < 0)
		return -1;
	for (size_t i = 0; i < k->was.n; i++)
		compare_output(k, i);
	return k->differs ? check_why(k, e) : 0;
}

static int
run(struct call *c, struct err *e)
{
	AUTO(check_fini)
	struct check k = { .c = c, .expected = STR_INIT, .run = ISOLATE_INIT };

	if (!c->package.db)
		return err_set(e, 0,
			       "without a manifest there is nothing to compare with");
	if (check(&k, e) < 0 || out_end(&c->out, e) < 0)
		return -1;
	return k.differs ? EXIT_FINDINGS : EXIT_FINE;
}

const struct cmd cmd_check = {
	.name = "check",
	.args = "[RUN]",
	.brief = "repeat a captured run with nothing but the package",
	.more = "The package's cde-exec is started in a root directory that has only the "
		"package, as\nanother user, without network; what it writes is thrown "
		"away.  RUN is a number (the\nlast).  Exit status: 0 as at capture, 3 it "
		"differs.",
	.group = CMD_WHOLE,
	.flags = CMD_LISTS,
	.max = 1,
	.opts = options,
	.own = sizeof(struct check_opts),
	.run = run,
};
