#include "capture/summary.h"

#include <string.h>

#include "base/log.h"
#include "path/lex.h"
#include "pkg/origin.h"

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

/* Of a file that no package owns.  The links of merged /usr are nobody's. */
static const char *
class_of(const char *path)
{
	static const struct {
		const char *dir, *class;
	} table[] = {
		{ "/home", "user" },	       { "/root", "user" },
		{ "/etc", "config" },	       { "/usr/local", "local" },
		{ "/opt", "local" },	       { "/var/lib", "generated" },
		{ "/var/cache", "generated" }, { "/lib", "generated" },
		{ "/bin", "generated" },       { "/sbin", "generated" },
		{ "/lib64", "generated" },     { "/lib32", "generated" },
		{ "/libx32", "generated" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (path_under(path, table[i].dir))
			return table[i].class;
	return "unowned";
}

void
summary_origins(struct manifest *m)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	struct owners x = { origin_open("/", &e), { 0 } };
	struct origin_owner owner;

	if (!x.origin || manifest_each_unowned(m, want_owner, &x, &e) < 0 ||
	    (x.path.n && origin_load(x.origin, &e) < 0))
		log_debug("origins are not known: %s", e.text.s);
	for (size_t i = 0; i < x.path.n; i++) {
		const char *path = x.path.v[i];

		if (e.text.len == 0 && origin_find(x.origin, path, &owner))
			manifest_origin(m, path, "package", owner.package, owner.version);
		else if (e.text.len == 0)
			manifest_origin(m, path, class_of(path), NULL, NULL);
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
