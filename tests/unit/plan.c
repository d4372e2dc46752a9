#include "exec/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "path/lex.h"
#include "suites.h"

/*
 * What both sides have, a line each: "SIDES KIND NAME".  SIDES: p, h, or both; with
 * a w behind it the user may write there.  KIND: d, l (link) or f.
 */
struct tree {
	const char *text;
};

/* The line for `abs` on `side`: its two words, or NULL. */
static const char *
line_of(const struct tree *t, enum side side, const char *abs)
{
	for (const char *l = t->text; *l; l += strcspn(l, "\n"), l += *l == '\n') {
		const char *kind = l + strcspn(l, " ") + 1, *name = kind + 2;
		size_t n = strcspn(name, "\n");

		if (n == strlen(abs) && memcmp(name, abs, n) == 0 &&
		    memchr(l, side == SIDE_PACKAGE ? 'p' : 'h', (size_t)(kind - l)))
			return l;
	}
	return NULL;
}

static enum plan_kind
tree_kind(void *ctx, enum side side, const char *abs)
{
	const char *l = line_of(ctx, side, abs);
	char kind = l ? l[strcspn(l, " ") + 1] : 0;

	return kind == 'd'   ? PLAN_DIRECTORY
	       : kind == 'l' ? PLAN_LINK
	       : kind	     ? PLAN_OTHER
			     : PLAN_NONE;
}

static bool
tree_writable(void *ctx, enum side side, const char *abs)
{
	const char *l = line_of(ctx, side, abs);

	for (; l && *l != ' '; l++)
		if (*l == (side == SIDE_PACKAGE ? 'p' : 'h'))
			return l[1] == 'w';
	return false;
}

static void
tree_list(void *ctx, enum side side, const char *abs, struct plan_names *out)
{
	const struct tree *t = ctx;

	for (const char *l = t->text; *l; l += strcspn(l, "\n"), l += *l == '\n') {
		AUTO(str_fini) struct str name = STR_INIT, dir = STR_INIT;
		const char *at = l + strcspn(l, " ") + 3;

		str_setn(&name, at, strcspn(at, "\n"));
		str_set(&dir, name.s);
		path_to_parent(&dir);
		if (name.len > 1 && strcmp(dir.s, abs) == 0 &&
		    line_of(t, side, name.s) == l)
			vec_push(&out->v, mem_strdup(path_base(name.s)));
	}
}

/* KIND x is an installed program; of a directory named "large" nobody knows. */
static enum plan_answer
tree_programs(void *ctx, const char *abs)
{
	const struct tree *t = ctx;

	if (strcmp(path_base(abs), "large") == 0)
		return PLAN_MAYBE;
	for (const char *l = t->text; *l; l += strcspn(l, "\n"), l += *l == '\n') {
		AUTO(str_fini) struct str name = STR_INIT;
		const char *kind = l + strcspn(l, " ") + 1;

		str_setn(&name, kind + 2, strcspn(kind + 2, "\n"));
		if (*kind == 'x' && path_under(name.s, abs))
			return PLAN_YES;
	}
	return PLAN_NO;
}

struct plan_case {
	const char *what, *rules, *tree;
	const char *steps;  /* joined by "; " */
	const char *reason; /* a part of it */
	const char *note;   /* a part of one; NULL: none */
};

static void
check_plan(const struct plan_case *c)
{
	static const char *const also[] = { "/home/me/.Xauthority", NULL };
	AUTO(str_fini) struct str text = STR_INIT, got = STR_INIT;
	AUTO(err_fini) struct err e = ERR_INIT;
	AUTO(rules_fini) struct rules r;
	AUTO(plan_fini) struct plan p = { 0 };
	struct tree tree = { c->tree };
	struct plan_view view = { tree_kind, tree_writable, tree_list, tree_programs,
				  &tree };

	rules_init(&r, 2);
	if (c->rules[0] != '#')
		str_set(&text, "# cde.options v2\n");
	str_add(&text, c->rules);
	ck_assert_msg(rules_parse(&r, "t", text.s, text.len, &e) == 0, "%s", e.text.s);
	plan_make(&p, &r, &view, also);
	for (size_t i = 0; i < p.step.n; i++) {
		str_add(&got, i ? "; " : "");
		plan_describe(&p.step.v[i], &got);
	}
	if (c->reason)
		ck_assert_msg(p.reason && strstr(p.reason, c->reason), "%s: reason %s",
			      c->what, p.reason ? p.reason : "none");
	else
		ck_assert_msg(!p.reason, "%s: reason %s", c->what, p.reason);
	if (c->steps)
		ck_assert_msg(strcmp(got.s, c->steps) == 0, "%s: %s", c->what, got.s);
	if (c->note)
		ck_assert_msg(p.note.n && strstr(p.note.v[0], c->note), "%s: note %s",
			      c->what, p.note.n ? p.note.v[0] : "none");
	else
		ck_assert_msg(!p.note.n || c->reason, "%s: note %s", c->what,
			      p.note.n ? p.note.v[0] : "");
}

#define ROOTS "pwh d /\n"

static const struct plan_case cases[] = {
	{ "no rules", "", ROOTS, "bind / of the package", NULL, NULL },
	{ "a directory of the host", "ignore_prefix=/proc\n", ROOTS "pwh d /proc\n",
	  "bind / of the package; bind /proc of the host", NULL, NULL },
	{ "the package lacks the place", "ignore_prefix=/proc\n", ROOTS "h d /proc\n",
	  NULL, "nothing to mount it on", NULL },
	{ "… and is not ours to write to", "ignore_prefix=/proc\n",
	  "ph d /\nh d /proc\np d /etc\np l /bin\n",
	  "make a directory like / of the package; bind /etc of the package; "
	  "copy the link /bin of the package; bind /proc of the host; finish /",
	  NULL, NULL },
	{ "a file, and a link, of the host",
	  "ignore_exact=/etc/hosts\n"
	  "ignore_exact=/etc/mtab\n",
	  ROOTS "pwh d /etc\nph f /etc/hosts\np f /etc/mtab\nh l /etc/mtab\n",
	  "bind / of the package; bind /etc/hosts of the host; bind /etc/mtab of the "
	  "host",
	  NULL, NULL },
	{ "of another kind", "ignore_prefix=/x\n", ROOTS "p f /x\nh d /x\n", NULL,
	  "nothing to mount it on", NULL },
	{ "a file that the user may replace", "ignore_exact=/d/f\n",
	  ROOTS "pwhw d /d\nph f /d/f\n", NULL, "cannot be replaced", NULL },
	{ "not on this machine, a default", "ignore_exact=/etc/machine-id\n",
	  ROOTS "pwh d /etc\n", "bind / of the package", NULL,
	  "/etc/machine-id: this machine has none" },
	{ "not on this machine, with a place", "ignore_exact=/etc/machine-id\n",
	  ROOTS "pwh d /etc\np f /etc/machine-id\n",
	  "bind / of the package; veil /etc/machine-id of the package", NULL,
	  "leads nowhere" },
	{ "not on this machine, not a default", "ignore_exact=/etc/own\n",
	  ROOTS "pwh d /etc\n", NULL, "cannot keep it from being made", NULL },
	{ "… but captured", "ignore_exact=/etc/own\n", ROOTS "pwh d /etc\np f /etc/own\n",
	  NULL, "cannot hide it", NULL },
	{ "… where nobody may write", "ignore_exact=/etc/own\n",
	  ROOTS "ph d /etc\np f /etc/own\np f /etc/other\n",
	  "bind / of the package; make a directory like /etc of the package; "
	  "bind /etc/other of the package; finish /etc",
	  NULL, NULL },
	{ "the package in the host", "ignore_prefix=/a\nredirect_prefix=/a/b\n",
	  ROOTS "pwhw d /a\npwhw d /a/b\n",
	  "bind / of the package; bind /a of the host; bind /a/b of the package", NULL,
	  NULL },
	{ "four deep",
	  "ignore_prefix=/a\nredirect_prefix=/a/b\nignore_prefix=/a/b/c\n"
	  "redirect_prefix=/a/b/c/d\n",
	  ROOTS "pwhw d /a\npwhw d /a/b\npwhw d /a/b/c\npwhw d /a/b/c/d\n",
	  "bind / of the package; bind /a of the host; bind /a/b of the package; "
	  "bind /a/b/c of the host; bind /a/b/c/d of the package",
	  NULL, NULL },
	{ "the host lacks the place", "ignore_prefix=/a\nredirect_prefix=/a/b\n",
	  ROOTS "pwhw d /a\npw d /a/b\n", NULL, "this machine has nothing to mount it on",
	  NULL },
	{ "… and the user may not write there",
	  "ignore_prefix=/a\nredirect_prefix=/a/b\n",
	  ROOTS "pwh d /a\npw d /a/b\nh f /a/x\n",
	  "bind / of the package; make a directory like /a of the host; "
	  "bind /a/x of the host; bind /a/b of the package; finish /a",
	  NULL, NULL },
	{ "the host lacks what leads there", "ignore_prefix=/a\nredirect_prefix=/a/b\n",
	  ROOTS "pw d /a\npw d /a/b\npw d /a/c\n",
	  "bind / of the package; make a directory like /a of the package; "
	  "bind /a/b of the package; finish /a",
	  NULL, NULL },
	{ "the package lacks what leads there", "ignore_prefix=/v/t\n",
	  ROOTS "h d /v\nh d /v/t\nh d /v/other\n", NULL, "nothing to mount it on",
	  NULL },
	{ "… and has a root that is not ours", "ignore_prefix=/v/t\n",
	  "ph d /\nh d /v\nh d /v/t\nh d /v/other\n",
	  "make a directory like / of the package; make a directory like /v of the host; "
	  "bind /v/t of the host; finish /v; finish /",
	  NULL, NULL },
	{ "hidden but for one", "hide_prefix=/h\nredirect_exact=/h/see\n",
	  ROOTS "pw d /h\np f /h/see\np f /h/f\n",
	  "bind / of the package; make a directory like /h of the package; "
	  "bind /h/see of the package; finish /h",
	  NULL, NULL },
	{ "hidden in what the user may write to", "hide_exact=/d/f\n",
	  ROOTS "pw d /d\np f /d/f\n", NULL, "cannot hide it", NULL },
	{ "hidden, not there, but it could be made", "hide_exact=/d/f\n",
	  ROOTS "pw d /d\n", NULL, "from being made", NULL },
	{ "hidden on the host", "ignore_prefix=/d\nhide_prefix=/d/s\n",
	  ROOTS "pwh d /d\nh d /d/s\nh f /d/x\n",
	  "bind / of the package; make a directory like /d of the host; "
	  "bind /d/x of the host; finish /d",
	  NULL, NULL },
	{ "all of the host", "ignore_prefix=/\n", ROOTS, "bind / of the host", NULL,
	  NULL },
	{ "a directory without what is in it", "ignore_exact=/d\n", ROOTS "pwh d /d\n",
	  NULL, "without what is in it", NULL },
	{ "a link leads away from the rule", "ignore_prefix=/l/x\n",
	  ROOTS "p l /l\nh d /l\nh d /l/x\n", "bind / of the package", NULL, NULL },
	{ "substr", "ignore_substr=log\n", ROOTS, NULL, "substr", NULL },
	{ "the default substr", "ignore_substr=.Xauthority\n",
	  ROOTS "pw d /home\npwh d /home/me\n", "bind / of the package", NULL, "substr" },
	{ "… of a machine with a screen", "ignore_substr=.Xauthority\n",
	  ROOTS "pwh d /home\npwhw d /home/me\nph f /home/me/.Xauthority\n",
	  "bind / of the package; bind /home/me/.Xauthority of the host", NULL,
	  "substr" },
	{ "programs of the host", "ignore_prefix=/opt\n",
	  ROOTS "pwh d /opt\nh d /opt/bin\nh x /opt/bin/tool\n", NULL,
	  "/opt: programs of this machine", NULL },
	{ "… one", "ignore_exact=/opt/tool\n", ROOTS "pwh d /opt\nph x /opt/tool\n", NULL,
	  "/opt/tool: programs of this machine", NULL },
	{ "… of the package only", "redirect_prefix=/opt\n",
	  ROOTS "pwh d /opt\nph x /opt/tool\n", "bind / of the package", NULL, NULL },
	{ "… where nobody puts any", "ignore_prefix=/tmp\n",
	  ROOTS "pwh d /tmp\nph x /tmp/tool\n",
	  "bind / of the package; bind /tmp of the host", NULL, NULL },
	{ "… perhaps", "ignore_prefix=/large\n", ROOTS "pwh d /large\n",
	  "bind / of the package; bind /large of the host", NULL, "too much to look at" },
	{ "one program untouched", "ignore_process=/bin/x\n{\n}\n", ROOTS, NULL,
	  "the same for all programs", NULL },
	{ "version 1: slashes and longer names",
	  "# cde.options v1\nignore_prefix=/proc/\nignore_exact=/proc\n"
	  "ignore_prefix=/own\n",
	  ROOTS "pwh d /proc\npwh d /own\np f /ownx\n", NULL, "/ownx", NULL },
};

START_TEST(plans)
{
	check_plan(&cases[_i]);
}
END_TEST

Suite *
suite_plan(void)
{
	Suite *s = suite_create("plan");
	TCase *t = tcase_create("plan");

	tcase_add_loop_test(t, plans, 0, (int)ARRAY_SIZE(cases));
	suite_add_tcase(s, t);
	return s;
}
