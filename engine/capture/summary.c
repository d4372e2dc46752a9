#include "capture/summary.h"

#include <string.h>

#include "base/log.h"
#include "path/lex.h"
#include "pkg/origin.h"
#include "tree/passed.h"

enum { NAMES_SHOWN = 3 };

struct owners {
	struct origin *origin;
	VEC(char *) path;
};

static void
want_owner(void *ctx, const char *path)
{
	struct owners *x = ctx;

	origin_want(x->origin, path);
	vec_push(&x->path, mem_strdup(path));
}

static void
save_owner(struct manifest *m, const struct origin *origin, const char *path)
{
	struct origin_owner x;

	origin_find(origin, path, &x);
	manifest_origin(m, path,
			&(struct manifest_origin){ origin_class_name(x.class), x.package,
						   x.version, x.sum });
}

/* Could a package of the system, or of a language, have it? */
static bool
may_be_packaged(const struct owners *x, const char *path)
{
	static const char *const part[] = { "/site-packages/", "/dist-packages/",
					    "/node_modules/",  "/gems/",
					    "/registry/src/",  "/bin/" };
	struct origin_owner place;

	origin_find(x->origin, path, &place);
	if (place.class != ORIGIN_USER || passed_counts(path))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(part); i++)
		if (strstr(path, part[i]))
			return true;
	return false;
}

/* To read the databases takes longer than many a run: not for new names of the user's. */
static int
load(struct owners *x, struct err *e)
{
	for (size_t i = 0; i < x->path.n; i++)
		if (may_be_packaged(x, x->path.v[i]))
			return origin_load(x->origin, e);
	return 0;
}

void
summary_origins(struct manifest *m, const char *home, const char *cwd)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	struct owners x = { .origin = origin_open("/", &e) };
	bool known;

	if (x.origin) {
		origin_user_dir(x.origin, home);
		origin_user_dir(x.origin, cwd);
	}
	known = x.origin && manifest_each_unowned(m, want_owner, &x, &e) == 0 &&
		load(&x, &e) == 0;
	if (!known)
		log_debug("origins are not known: %s", e.text.s);
	for (size_t i = 0; i < x.path.n; i++) {
		if (known)
			save_owner(m, x.origin, x.path.v[i]);
		free(x.path.v[i]);
	}
	vec_fini(&x.path);
	if (x.origin)
		origin_close(x.origin);
}

/* "a, b, c and 7 more" */
static void
add_names(struct str *out, struct node *const *node, size_t n)
{
	for (size_t i = 0; i < n && i < NAMES_SHOWN; i++) {
		str_add(out, i ? ", " : "");
		str_add_escaped(out, node[i]->path);
	}
	if (n > NAMES_SHOWN)
		str_addf(out, " and %zu more", n - NAMES_SHOWN);
}

void
summary_problems(const struct capture *c)
{
	const struct record *r = c->record;
	AUTO(str_fini) struct str text = STR_INIT;

	if (r->unreadable.n) {
		add_names(&text, r->unreadable.v, r->unreadable.n);
		log_error("could not be read and are not in the package: %s", text.s);
	}
	if (r->lost.n) {
		str_clear(&text);
		add_names(&text, r->lost.v, r->lost.n);
		log_error("%zu file%s could not be stored (%s): %s", r->lost.n,
			  r->lost.n == 1 ? "" : "s", r->lost_why.s, text.s);
	}
	if (r->privileged.n) {
		str_clear(&text);
		add_names(&text, r->privileged.v, r->privileged.n);
		log_error("ran without their set-user-id or set-group-id privilege: %s",
			  text.s);
	}
	if (r->tracers.n) {
		str_clear(&text);
		add_names(&text, r->tracers.v, r->tracers.n);
		log_error("traced other programs, which is not possible under cde: %s",
			  text.s);
	}
	if (r->listeners.n) {
		str_clear(&text);
		add_names(&text, r->listeners.v, r->listeners.n);
		log_error("wanted a seccomp listener of their own, and the kernel gives "
			  "only one (--engine ptrace allows it): %s",
			  text.s);
	}
	if (r->filters.n) {
		str_clear(&text);
		add_names(&text, r->filters.v, r->filters.n);
		log_error(
			"have a seccomp filter for their tracer, which does not hear of "
			"calls with names under cde: %s",
			text.s);
	}
	if (r->guarded.n) {
		str_clear(&text);
		add_names(&text, r->guarded.v, r->guarded.n);
		log_error("do not let others read their memory, so that files which only "
			  "they use are not in the package: %s",
			  text.s);
	}
	for (size_t i = 0; i < c->unknown.n; i++) {
		const struct unknown *u = &c->unknown.v[i];

		str_clear(&text);
		unknown_describe(u, &text);
		log_error("%s is not known to this cde: %u call%s", text.s, u->count,
			  u->count == 1 ? "" : "s");
	}
}

static void
add_size(struct str *out, int64_t bytes)
{
	static const char *const unit[] = { "kB", "MB", "GB", "TB" };
	double x = bytes / 1000.0;
	size_t i = 0;

	if (bytes < 1000) {
		str_addf(out, "%lld B", (long long)bytes);
		return;
	}
	for (; x >= 999.95 && i + 1 < ARRAY_SIZE(unit); i++)
		x /= 1000;
	str_addf(out, "%.1f %s", x, unit[i]);
}

void
summary_closing(struct manifest *m, const char *dir, const char *cmd, struct str *out)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	AUTO(str_fini) struct str wrapper = STR_INIT;
	struct manifest_totals t = { 0 };

	if (manifest_totals(m, &t, &e) < 0) {
		str_set(out, e.text.s);
		return;
	}
	str_set(&wrapper, dir);
	path_append(&wrapper, path_base(cmd));
	str_add(&wrapper, ".cde");
	str_addf(out, "%lld file%s, ", (long long)t.files, t.files == 1 ? "" : "s");
	add_size(out, t.bytes);
	str_addf(out, ", %lld distro package%s → ", (long long)t.packages,
		 t.packages == 1 ? "" : "s");
	str_add_quoted(out, dir);
	str_add(out, " · run: ");
	str_add_quoted(out, wrapper.s);
	str_add(out, " · review: cde-tui ");
	str_add_quoted(out, dir);
}
