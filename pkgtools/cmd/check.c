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
#include "cmd/cmd.h"
#include "inspect/db.h"
#include "inspect/detail.h"
#include "inspect/isolate.h"
#include "inspect/missing.h"

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
	{ "check", OUT_TEXT, -8 },
	{ "path", OUT_NAME, -24 },
	{ "detail", OUT_NAME, 0 },
};

struct check {
	struct call *c;
	struct isolate run;
	VEC(char *) path;	      /* of the outputs */
	VEC(struct isolate_file) was; /* … as the captured run left them */
	struct str expected;	      /* its stdout */
	int64_t status;		      /* of the captured run */
	bool differs;
};

static void
check_fini(struct check *k)
{
	for (size_t i = 0; i < k->path.n; i++)
		free(k->path.v[i]);
	vec_fini(&k->path);
	vec_fini(&k->was);
	str_fini(&k->expected);
	isolate_fini(&k->run);
	fd_drop(&k->run.out);
	fd_drop(&k->run.err);
}

enum verdict_word { OK, DIFFERS, UNKNOWN, CAUSE };

static void
row(struct check *k, enum verdict_word v, const char *check, const char *path,
    const char *detail)
{
	static const char *const word[] = { "ok", "differs", "unknown", "cause" };
	struct out_cell cell[] = { out_text(word[v]), out_text(check), out_text(path),
				   out_text(detail) };

	if (v == DIFFERS)
		cell[0].style = OUT_STYLE_RED;
	k->differs |= v == DIFFERS;
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
			k->run.run = runs.v[i].id;
			k->status = runs.v[i].status;
		}
	detail_runs_fini(&runs);
	if (r == 0 && !k->run.run)
		return err_set(e, 0,
			       want ? "there is no run %" PRId64
				    : "the manifest knows of no run",
			       want);
	return r;
}

static int
read_outputs(struct check *k, struct err *e)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	struct package *p = &k->c->package;
	int got;

	if (db_prepare(p, &s,
		       "SELECT path, kind, size, sha256 FROM file WHERE state = 2 AND"
		       " run = ?1 ORDER BY path LIMIT 100000",
		       e) < 0)
		return -1;
	sqlite3_bind_int64(s, 1, k->run.run);
	while ((got = db_step(p, s, e)) > 0) {
		struct isolate_file was = { .size = (uint64_t)sqlite3_column_int64(s,
										   2) };
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
		if (sha && strlen(sha) < sizeof(was.sha256))
			strcpy(was.sha256, sha);
		vec_push(&k->path, mem_strdup(path));
		was.path = k->path.v[k->path.n - 1];
		vec_push(&k->was, was);
		vec_push(&k->run.file, ((struct isolate_file){ .path = was.path }));
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
		row(k, UNKNOWN, "status", NULL, text.s);
		return;
	}
	if (k->status != k->run.status) {
		str_add(&text, ", at capture ");
		describe(k->status, &text);
	}
	row(k, k->status == k->run.status ? OK : DIFFERS, "status", NULL, text.s);
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
		row(k, DIFFERS, "output", was->path, text.s);
	else
		row(k, OK, "output", was->path,
		    is->kind == 'f' && !was->sha256[0] ? "same size" : "the same");
}

/* The number of the first line that is not the same, 0: all are. */
static size_t
first_difference(const struct str *a, const struct str *b)
{
	size_t line = 1, i = 0;

	for (; i < a->len && i < b->len && a->s[i] == b->s[i]; i++)
		line += a->s[i] == '\n';
	return i == a->len && i == b->len ? 0 : line;
}

static int
compare_stdout(struct check *k, struct err *e)
{
	AUTO(str_fini) struct str is = STR_INIT, text = STR_INIT;
	size_t line;

	if (!OWN(k->c, struct check_opts)->expected) {
		row(k, UNKNOWN, "stdout", NULL,
		    "the manifest does not have it; see --stdout");
		return 0;
	}
	if (lseek(k->run.out, 0, SEEK_SET) < 0 || fd_read_all(k->run.out, &is) < 0)
		return err_set(e, EIO, "stdout of the run");
	line = first_difference(&is, &k->expected);
	if (line)
		str_addf(&text, "line %zu is another", line);
	row(k, line ? DIFFERS : OK, "stdout", NULL, line ? text.s : "the same");
	return 0;
}

/* ---- why ---- */

static void
last_words(struct check *k)
{
	AUTO(str_fini) struct str text = STR_INIT;
	const char *line;

	if (lseek(k->run.err, 0, SEEK_SET) < 0 || fd_read_all(k->run.err, &text) < 0)
		return;
	while (text.len && text.s[text.len - 1] == '\n')
		str_trunc(&text, text.len - 1);
	line = text.len ? memrchr(text.s, '\n', text.len) : NULL;
	if (text.len)
		row(k, CAUSE, "stderr", NULL, line ? line + 1 : text.s);
}

static int
explain(struct check *k, struct err *e)
{
	AUTO(missing_list_fini) struct missing_list l = { 0 };
	AUTO(model_fini) struct model m = { 0 };
	size_t causes = 0;

	last_words(k);
	if (model_load(&m, &k->c->package, 0, e) < 0 ||
	    missing_find_in(&l, &k->c->package, &m, &k->run.missing, e) < 0)
		return -1;
	for (size_t i = 0; i < l.v.n; i++) {
		const struct missing_thing *x = &l.v.v[i];
		AUTO(str_fini) struct str text = STR_INIT;

		if (x->severity == MISSING_NORMAL ||
		    (x->severity == MISSING_MAYBE && causes))
			continue;
		causes++;
		missing_reason(x, &text);
		row(k, CAUSE, "missing", x->path, text.s);
	}
	if (!causes)
		row(k, CAUSE, "unknown", NULL,
		    "nothing that it asked for is missing: it may depend on the "
		    "network, standard input, the user, the time, or /tmp");
	return 0;
}

static int
check(struct check *k, struct err *e)
{
	const char *expected = OWN(k->c, struct check_opts)->expected;

	if (expected && fs_slurp(AT_FDCWD, expected, &k->expected, e) < 0)
		return -1;
	if (choose_run(k, e) < 0 || read_outputs(k, e) < 0)
		return -1;
	k->run.p = &k->c->package;
	k->run.out = memfd_create("stdout", MFD_CLOEXEC);
	k->run.err = memfd_create("stderr", MFD_CLOEXEC);
	if (k->run.out < 0 || k->run.err < 0)
		return err_set(e, errno, "memory for the output");
	if (isolate_run(&k->run, e) < 0)
		return -1;
	out_begin(&k->c->out, "check", column, ARRAY_SIZE(column));
	compare_status(k);
	if (compare_stdout(k, e) < 0)
		return -1;
	for (size_t i = 0; i < k->was.n; i++)
		compare_output(k, i);
	return k->differs ? explain(k, e) : 0;
}

static int
run(struct call *c, struct err *e)
{
	AUTO(check_fini)
	struct check k = { .c = c,
			   .expected = STR_INIT,
			   .run = { .missing = STR_INIT, .out = -1, .err = -1 } };

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
