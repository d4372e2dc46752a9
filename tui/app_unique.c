/* The column of sizes, and what is in the package more than once. */
#include <string.h>

#include "app.h"
#include "inspect/text.h"

const char *
app_column_word(enum app_column c)
{
	static const char *const word[APP_COLUMNS] = { "size", "unique", "files" };

	return word[c];
}

struct reading {
	struct app *a;
	struct err e;
	int r;
};

static void
read_work(void *ctx)
{
	struct reading *x = ctx;

	x->r = unique_read(&x->a->unique, &x->a->package, &x->a->model, &x->e);
}

void
app_read_unique(struct app *a)
{
	struct reading x = { .a = a, .e = ERR_INIT };
	const struct app_act act = { "comparing", true, read_work, &x };

	if (!a->unique.read && a->model.n > APP_FEW)
		app_long(a, &act);
	else if (!a->unique.read)
		read_work(&x);
	if (x.r < 0) {
		app_fail(a, &x.e);
		unique_fini(&a->unique); /* it may have been stopped: asked again */
	}
	err_fini(&x.e);
	a->unique_fresh = false;
	app_count_unique(a);
}

void
app_count_unique(struct app *a)
{
	if (a->unique_fresh)
		return;
	a->unique_fresh = true;
	unique_count(&a->unique, &a->tree);
	a->tree.less = a->unique.less;
	a->tree.less_n = a->unique.less ? a->unique.nodes : 0;
}

static void
say_unique(struct app *a)
{
	AUTO(str_fini) struct str s = STR_INIT;

	if (!a->unique.files) {
		app_say(a, STYLE_DIM,
			"unique: nothing is in it twice, as far as is known (cde-pkg "
			"scan compares contents)");
		return;
	}
	text_size(&s, unique_less(&a->unique, 0));
	app_say(a, STYLE_DIM, "unique: %u %s a file again, %s", a->unique.files,
		a->unique.files == 1 ? "name is" : "names are", s.s);
}

void
app_next_column(struct app *a)
{
	a->column = (a->column + 1) % APP_COLUMNS;
	if (a->column != APP_UNIQUE)
		return;
	app_read_unique(a);
	say_unique(a);
}
