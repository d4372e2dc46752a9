#include "finding.h"

#include <stdlib.h>

#include "inspect/missing.h"
#include "path/lex.h"

static void
free_finding(struct finding *x)
{
	for (size_t i = 0; i < x->tried.n; i++)
		free(x->tried.v[i]);
	vec_fini(&x->tried);
	free(x->path);
	free(x->call);
	free(x->program);
	free(x->reason);
}

void
finding_fini(struct findings *f)
{
	for (size_t i = 0; i < f->v.n; i++)
		free_finding(&f->v.v[i]);
	vec_fini(&f->v);
	vec_fini(&f->row);
}

const char *
finding_mark(enum severity s)
{
	static const char *const mark[] = { "-", "!", "!!", "!!!" };

	return mark[s];
}

const char *
finding_word(enum severity s)
{
	static const char *const word[] = { "normal", "perhaps", "likely",
					    "for certain" };

	return word[s];
}

void
finding_select(struct findings *f)
{
	f->row.n = 0;
	f->sure = f->likely = f->maybe = f->normal = 0;
	for (uint32_t i = 0; i < f->v.n; i++) {
		const struct finding *x = &f->v.v[i];
		bool normal = finding_severity(x) == SEVERITY_NORMAL;

		f->sure += !normal && x->severity == SEVERITY_SURE;
		f->likely += !normal && x->severity == SEVERITY_LIKELY;
		f->maybe += !normal && x->severity == SEVERITY_MAYBE;
		f->normal += normal;
		if (!normal || f->noise)
			vec_push(&f->row, i);
	}
}

void
finding_ignore(struct findings *f, const struct rules *r)
{
	for (size_t i = 0; i < f->v.n; i++) {
		struct finding *x = &f->v.v[i];

		x->ignored = missing_noted(r, x->tried.v, x->tried.n);
	}
	finding_select(f);
}

/* A library that was only found to be needed has no place: any will do. */
void
finding_place(const struct finding *x, const struct rules *r, struct str *out)
{
	const char *noted = missing_noted(r, x->tried.v, x->tried.n);

	str_set(out, noted ? noted : x->path);
	for (size_t i = 0; i < x->tried.n && out->s[0] != '/'; i++)
		if (x->tried.v[i][0] == '/')
			str_set(out, x->tried.v[i]);
	if (out->s[0] != '/') {
		str_set(out, "/usr/lib");
		path_append(out, x->path);
	}
}

static char *
take(char **from)
{
	char *s = *from;

	*from = NULL;
	return s;
}

static void
add_thing(struct findings *f, struct missing_thing *x)
{
	AUTO(str_fini) struct str reason = STR_INIT;
	static const enum severity as[] = {
		[MISSING_NORMAL] = SEVERITY_NORMAL,
		[MISSING_MAYBE] = SEVERITY_MAYBE,
		[MISSING_LIKELY] = SEVERITY_LIKELY,
		[MISSING_SURE] = SEVERITY_SURE,
	};
	struct finding it = {
		.severity = as[x->judged],
		.path = take(&x->path),
		.call = take(&x->call),
		.program = take(&x->program),
		.times = x->times,
		.host = x->host != NULL,
		.captured = x->captured,
		.ignored = x->expected,
	};

	missing_reason(x, &reason);
	it.reason = mem_strdup(reason.s);
	for (size_t i = 0; i < x->tried.n; i++)
		vec_push(&it.tried, take(&x->tried.v[i]));
	vec_push(&f->v, it);
}

int
finding_read(struct findings *f, struct package *p, struct model *m, struct err *e)
{
	AUTO(missing_list_fini) struct missing_list all = { 0 };
	bool noise = f->noise;

	finding_fini(f);
	*f = (struct findings){ .noise = noise };
	if (missing_find(&all, p, m, MISSING_NEEDS, e) < 0)
		return -1;
	f->marked = missing_mark_nodes(&all, m);
	for (size_t i = 0; i < all.v.n; i++)
		add_thing(f, &all.v.v[i]);
	finding_select(f);
	return 0;
}
