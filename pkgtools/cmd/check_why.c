/*
 * Why a repeated run is not as at capture: what it said, what it looked for and asked the
 * network for in vain, and what differs in the words that it printed.  A short run is
 * repeated once more, which tells chance from the machine.
 */
#include "cmd/check_why.h"

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/fs.h"
#include "inspect/db.h"
#include "inspect/differ.h"
#include "inspect/missing.h"
#include "inspect/process.h"
#include "path/lex.h"

enum { AGAIN_SECONDS = 30, PAIR_MOST = 40, HOST_MOST = 10 };

struct why {
	struct check *k;
	struct missing_list missing;
	struct isolate again;
	bool has_again;
	VEC(int64_t) pid; /* of the captured run */
	struct differ_facts facts;
	char uid[12];
	size_t causes;
};

static void
why_fini(struct why *w)
{
	missing_list_fini(&w->missing);
	isolate_fini(&w->again);
	fd_drop(&w->again.out);
	fd_drop(&w->again.err);
	vec_fini(&w->pid);
}

static void
cause(struct why *w, const char *check, const char *path, const char *detail)
{
	w->causes++;
	check_row(w->k, CHECK_CAUSE, check, path, detail);
}

/* ---- what it said, and how it ended ---- */

static void
last_words(struct why *w)
{
	AUTO(str_fini) struct str text = STR_INIT;
	AUTO(err_fini) struct err none = ERR_INIT;
	const char *line;

	if (check_read(w->k->run.err, &text, &none) < 0)
		return;
	while (text.len && text.s[text.len - 1] == '\n')
		str_trunc(&text, text.len - 1);
	line = text.len ? memrchr(text.s, '\n', text.len) : NULL;
	if (text.len) /* no cause by itself: others are looked for */
		check_row(w->k, CHECK_CAUSE, "stderr", NULL, line ? line + 1 : text.s);
}

/* Programs die of SIGILL themselves, or through a shell that says so by its status. */
static void
processor(struct why *w)
{
	int s = w->k->run.status;

	if ((WIFSIGNALED(s) && WTERMSIG(s) == SIGILL) ||
	    (WIFEXITED(s) && WEXITSTATUS(s) == 128 + SIGILL))
		cause(w, "processor", NULL,
		      "an instruction that this processor does not have; see cde-pkg "
		      "doctor");
}

/* ---- what it asked for in vain ---- */

static int
read_missing(struct why *w, struct err *e)
{
	AUTO(model_fini) struct model m = { 0 };
	struct package *p = &w->k->c->package;

	return model_load(&m, p, 0, e) < 0
		       ? -1
		       : missing_find_in(&w->missing, p, &m, &w->k->run.missing, e);
}

static void
missing(struct why *w, enum missing_severity least)
{
	for (size_t i = 0; i < w->missing.v.n; i++) {
		const struct missing_thing *x = &w->missing.v.v[i];
		AUTO(str_fini) struct str text = STR_INIT;

		if (x->severity < least)
			continue;
		missing_reason(x, &text);
		cause(w, "missing", x->path, text.s);
	}
}

/* What isolate makes there, and what is this machine's. */
static bool
is_here(const char *path)
{
	static const char *const made[] = { "/etc/passwd", "/etc/group", "/etc/hosts",
					    "/etc/resolv.conf", "/etc/mtab" };

	for (size_t i = 0; i < ARRAY_SIZE(made); i++)
		if (strcmp(path, made[i]) == 0)
			return true;
	return path_under(path, "/proc") || path_under(path, "/dev");
}

/* What it read at capture that by a rule is not the package's. */
static int
of_host(struct why *w, struct err *e)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	struct package *p = &w->k->c->package;
	size_t n = 0;
	int got = 0;

	if (db_prepare(p, &s,
		       "SELECT DISTINCT f.path FROM access a JOIN process p ON p.id ="
		       " a.process JOIN file f ON f.id = a.file WHERE p.run = ?1 AND"
		       " f.state = 5 AND f.kind <> 'd' AND (a.kind & ?2) ORDER BY 1",
		       e) < 0)
		return -1;
	sqlite3_bind_int64(s, 1, w->k->id);
	sqlite3_bind_int(s, 2, ACCESS_READ | ACCESS_EXEC);
	while (n < HOST_MOST && (got = db_step(p, s, e)) > 0) {
		size_t len;
		const char *path = db_name(s, 0, &len);

		if (!path || !db_is_path(path, len) || is_here(path))
			continue;
		n++;
		cause(w, "missing", path,
		      "a rule leaves it to the machine, and here is nothing but the "
		      "package");
	}
	return n < HOST_MOST ? got : 0;
}

static void
network(struct why *w)
{
	const struct isolate_net *n = &w->k->run.net;

	if (n->datagrams)
		cause(w, "network", NULL,
		      "it asked a name server, or another service by UDP, and nobody "
		      "answers here");
	if (n->routes)
		cause(w, "network", NULL,
		      "it tried to reach other machines, and there is no network here");
	if (n->connections)
		cause(w, "network", NULL,
		      "it tried to connect to a service of this machine, and it runs "
		      "alone here");
}

/* ---- what differs in words ---- */

static void
add_word(struct str *out, const struct str *word)
{
	size_t n = word->len < PAIR_MOST ? word->len : PAIR_MOST;

	while (n < word->len && n && (word->s[n] & 0xc0) == 0x80)
		n--;
	str_addc(out, '\'');
	str_addn(out, word->s, n);
	str_add(out, n < word->len ? "…'" : "'");
}

static void
tell(struct why *w, const struct differ *d, const char *path, const char *when)
{
	for (int c = 0; c < DIFFER_CAUSES; c++) {
		const struct differ_found *f = &d->found[c];
		AUTO(str_fini) struct str text = STR_INIT;

		/* what is missing explains that */
		if (!f->any || (c == DIFFER_OTHER && w->causes))
			continue;
		str_addf(&text, "%s: line %zu has ", differ_text(c), f->line);
		add_word(&text, &f->is);
		str_addf(&text, ", %s ", when);
		add_word(&text, &f->was);
		cause(w, differ_word(c), path, text.s);
	}
}

static int
words_of_stdout(struct why *w, struct err *e)
{
	AUTO(str_fini) struct str is = STR_INIT, again = STR_INIT;
	AUTO(differ_fini) struct differ d = { 0 };

	if (!w->k->compares)
		return 0;
	if (check_read(w->k->run.out, &is, e) < 0 ||
	    (w->has_again && check_read(w->again.out, &again, e) < 0))
		return -1;
	differ_compare(&d, &is, &w->k->expected, w->has_again ? &again : NULL, &w->facts);
	tell(w, &d, NULL, "at capture");
	return 0;
}

/* Of an output that is not packaged only a second run can tell something. */
static void
words_of_output(struct why *w, size_t i)
{
	const struct isolate_file *was = &w->k->was.v[i], *is = &w->k->run.file.v[i];
	const struct isolate_file *again = w->has_again ? &w->again.file.v[i] : NULL;
	AUTO(differ_fini) struct differ d = { 0 };

	if (is->kind != 'f' || was->kind != 'f' || !is->text.len ||
	    strcmp(is->sha256, was->sha256) == 0)
		return;
	if (was->text.len) {
		differ_compare(&d, &is->text, &was->text, again ? &again->text : NULL,
			       &w->facts);
		tell(w, &d, was->path, "at capture");
	} else if (again && again->text.len && strcmp(again->sha256, is->sha256) != 0) {
		differ_compare(&d, &again->text, &is->text, &is->text, &w->facts);
		tell(w, &d, was->path, "in another run");
	}
}

/* ---- all ---- */

static int
read_facts(struct why *w, struct err *e)
{
	process_list all = { 0 };
	cpu_set_t set;
	int r = process_read(&w->k->c->package, &all, e);

	for (size_t i = 0; i < all.n; i++)
		if (all.v[i].run == w->k->id)
			vec_push(&w->pid, all.v[i].pid);
	process_fini(&all);
	snprintf(w->uid, sizeof(w->uid), "%d", ISOLATE_UID);
	w->facts = (struct differ_facts){ .host = ISOLATE_HOST,
					  .user = ISOLATE_USER,
					  .uid = w->uid,
					  .pid = w->pid.v,
					  .pids = w->pid.n };
	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		w->facts.cpus = CPU_COUNT(&set);
	return r;
}

static int
repeat(struct why *w, struct err *e)
{
	if (w->k->run.seconds > AGAIN_SECONDS)
		return 0;
	w->has_again = check_start(w->k, &w->again, e) == 0;
	return w->has_again ? 0 : -1;
}

int
check_why(struct check *k, struct err *e)
{
	AUTO(why_fini) struct why w = { .k = k, .again = ISOLATE_INIT };

	last_words(&w);
	processor(&w);
	if (read_missing(&w, e) < 0)
		return -1;
	missing(&w, MISSING_LIKELY);
	if (of_host(&w, e) < 0)
		return -1;
	network(&w);
	if (read_facts(&w, e) < 0 || repeat(&w, e) < 0 || words_of_stdout(&w, e) < 0)
		return -1;
	for (size_t i = 0; i < k->was.n; i++)
		words_of_output(&w, i);
	if (!w.causes)
		missing(&w, MISSING_MAYBE);
	if (!w.causes)
		cause(&w, "unknown", NULL,
		      "nothing that it asked for is missing; it may depend on standard "
		      "input, which is empty here, or on /tmp");
	return 0;
}
