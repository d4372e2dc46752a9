#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "../../tui/crop.h"
#include "../../tui/frame.h"
#include "../../tui/keys.h"
#include "inspect/text.h"
#include "suites.h"

/* --- where everything is ---------------------------------------------------------- */

static bool
apart(const struct rect *a, const struct rect *b)
{
	if (!a->w || !a->h || !b->w || !b->h)
		return true;
	return a->x + a->w <= b->x || b->x + b->w <= a->x || a->y + a->h <= b->y ||
	       b->y + b->h <= a->y;
}

static void
check_rects(const struct frame *f)
{
	const struct rect *r[] = { &f->title,	&f->tabs,    &f->header, &f->list,
				   &f->hints,	&f->message, &f->facets, &f->info,
				   &f->divider, &f->detail };

	for (size_t i = 0; i < 10; i++) {
		ck_assert_msg(r[i]->x >= 0 && r[i]->y >= 0 && r[i]->w >= 0 &&
				      r[i]->h >= 0 && r[i]->x + r[i]->w <= f->w &&
				      r[i]->y + r[i]->h <= f->h,
			      "%dx%d: rectangle %zu is outside", f->w, f->h, i);
		for (size_t k = 0; k < i; k++)
			ck_assert_msg(apart(r[i], r[k]), "%dx%d: %zu and %zu overlap",
				      f->w, f->h, i, k);
	}
}

static void
check_columns(const struct frame *f)
{
	const struct frame_column *name = frame_column(f, COLUMN_NAME);
	int x = f->list.x;

	ck_assert_ptr_nonnull(name);
	for (int i = 0; i < f->columns; i++) {
		ck_assert_int_ge(f->column[i].x, x);
		x = f->column[i].x + f->column[i].w;
		ck_assert_int_le(x, f->list.x + f->list.w);
	}
	ck_assert_ptr_eq(name, &f->column[f->columns - 1]);
	ck_assert_msg(name->w >= FRAME_NAME, "%dx%d: the name has %d cells", f->w, f->h,
		      name->w);
}

START_TEST(frame_of_all_sizes)
{
	struct frame f;

	for (int s = 0; s < SCREEN_COUNT; s++)
		for (int w = 1; w <= 200; w++)
			for (int h = 1; h <= 60; h++) {
				frame_of(&f, w, h, (enum screen)s, 0);
				ck_assert_int_eq(f.small, w < 20 || h < 5);
				if (f.small)
					continue;
				ck_assert_int_ge(f.list.h, 3);
				check_rects(&f);
				check_columns(&f);
			}
}
END_TEST

START_TEST(rows_go_in_order)
{
	struct frame f;

	frame_of(&f, 80, 10, SCREEN_FILES, 0);
	ck_assert_int_eq(f.tabs.h, 1);
	frame_of(&f, 80, 9, SCREEN_FILES, 0);
	ck_assert(f.tabs.h == 0 && f.hints.h == 1);
	frame_of(&f, 80, 7, SCREEN_FILES, 0);
	ck_assert(f.hints.h == 0 && f.header.h == 1);
	frame_of(&f, 80, 5, SCREEN_FILES, 0);
	ck_assert(f.header.h == 0 && f.title.h == 1 && f.message.h == 1 && f.list.h == 3);
}
END_TEST

START_TEST(columns_go_in_order)
{
	static const struct {
		enum column what;
		int from;
	} goes[] = { { COLUMN_SHARE, 78 }, { COLUMN_ACCESS, 70 }, { COLUMN_ORIGIN, 62 },
		     { COLUMN_TYPE, 48 },  { COLUMN_SIZE, 28 },	  { COLUMN_STATE, 20 } };
	struct frame f;

	for (size_t i = 0; i < 6; i++)
		for (int w = 20; w < FRAME_WIDE; w++) {
			frame_of(&f, w, 24, SCREEN_FILES, 0);
			ck_assert_int_eq(frame_column(&f, goes[i].what) != NULL,
					 w >= goes[i].from);
		}
}
END_TEST

START_TEST(columns_can_be_hidden)
{
	struct frame f;

	for (int w = 20; w < 200; w++) {
		frame_of(&f, w, 24, SCREEN_FILES, 1u << COLUMN_ORIGIN);
		ck_assert_ptr_null(frame_column(&f, COLUMN_ORIGIN));
		check_columns(&f);
	}
}
END_TEST

START_TEST(boxes_fit_or_fill)
{
	struct frame f;
	struct rect r;

	frame_of(&f, 80, 24, SCREEN_FILES, 0);
	r = frame_box(&f, 72, 10);
	ck_assert(r.x == 4 && r.w == 72 && r.y == 7 && r.h == 10);
	r = frame_box(&f, 100, 30);
	ck_assert(r.x == 0 && r.y == 0 && r.w == 80 && r.h == 24);
}
END_TEST

/* --- names in cells --------------------------------------------------------------- */

static void
draw(const char *name, size_t len, int w, bool ascii, struct str *out)
{
	struct canvas c;

	canvas_init(&c, ascii);
	canvas_resize(&c, w + 2, 1);
	canvas_name_n(&c, (struct rect){ 1, 0, w, 1 }, STYLE_TEXT, name, len);
	ck_assert_int_eq(c.cell[0].text[0], ' ');
	ck_assert_int_eq(c.cell[w + 1].text[0], ' ');
	str_clear(out);
	canvas_print(&c, out);
	canvas_fini(&c);
}

START_TEST(crop_cuts_the_middle)
{
	AUTO(str_fini) struct str s = STR_INIT;

	draw("libc.so.6", 9, 20, true, &s);
	ck_assert_str_eq(s.s, " libc.so.6\n");
	draw("libpython3.11.so.1.0", 20, 13, true, &s);
	ck_assert_str_eq(s.s, " libpytho~.1.0\n");
	draw("usr/lib/x86_64-linux-gnu/libc.so.6", 34, 20, true, &s);
	ck_assert_str_eq(s.s, " usr/lib/x~/libc.so.6\n");
}
END_TEST

static void
draw_path(const char *path, int w, struct str *out)
{
	struct canvas c;

	canvas_init(&c, true);
	canvas_resize(&c, w + 1, 1);
	canvas_path(&c, (struct rect){ 0, 0, w, 1 }, STYLE_TEXT, path, strlen(path));
	ck_assert_int_eq(c.cell[w].text[0], ' ');
	str_clear(out);
	canvas_print(&c, out);
	canvas_fini(&c);
}

START_TEST(paths_keep_their_last_name)
{
	AUTO(str_fini) struct str s = STR_INIT;

	draw_path("usr/lib/libc.so.6", 20, &s);
	ck_assert_str_eq(s.s, "usr/lib/libc.so.6\n");
	draw_path("usr/lib/x86_64-linux-gnu/libc.so.6", 20, &s);
	ck_assert_str_eq(s.s, "usr/lib/x~/libc.so.6\n");
	draw_path("usr/lib/libgfortran.so.5.0.0", 22, &s);
	ck_assert_str_eq(s.s, "~/libgfortran.so.5.0.0\n");
	draw_path("usr/lib/libgfortran.so.5.0.0", 16, &s);
	ck_assert_str_eq(s.s, "~/libgfortr~.0.0\n");
	for (int w = 0; w < 40; w++)
		draw_path("a/very/long/name of a file with blanks", w, &s);
}
END_TEST

/* A text of ours may hold a name. */
START_TEST(ascii_spells_the_rest)
{
	AUTO(str_fini) struct str s = STR_INIT;
	const char *text = "a\u0301\u6f22\U0001f469b";
	struct canvas c;

	canvas_init(&c, true);
	canvas_resize(&c, 40, 1);
	ck_assert_int_eq(canvas_width(&c, text), 24);
	ck_assert_int_eq(canvas_text(&c, 0, 0, STYLE_TEXT, text), 24);
	canvas_print(&c, &s);
	ck_assert_str_eq(s.s, "a\\u0301\\u6f22\\U0001f469b\n");
	canvas_fini(&c);
}
END_TEST

START_TEST(crop_keeps_characters_whole)
{
	AUTO(str_fini) struct str s = STR_INIT;
	const char *wide = "\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57",
		   *comb = "ae\u0301e\u0301b";
	const struct canvas c = { .ascii = false };

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return;
	for (int w = 1; w <= 14; w++) {
		draw(wide, strlen(wide), w, false, &s);
		ck_assert(text_is_utf8(s.s, s.len));
		ck_assert_int_le(canvas_width(&c, s.s) - 2, w);
		draw(comb, strlen(comb), w, false, &s);
		ck_assert(text_is_utf8(s.s, s.len));
	}
	draw(comb, strlen(comb), 10, false, &s);
	ck_assert_str_eq(s.s, " ae\u0301e\u0301b\n");
	draw("\u0301x", 3, 10, false, &s);
	ck_assert_str_eq(s.s, " \\u0301x\n");
	setlocale(LC_ALL, "C");
}
END_TEST

/* Whatever bytes: what is drawn is printable, and of the width that is said. */
START_TEST(crop_any_bytes)
{
	AUTO(str_fini) struct str s = STR_INIT;
	unsigned seed = 1;

	setlocale(LC_ALL, "C.UTF-8");
	for (int round = 0; round < 5000; round++) {
		char name[24];
		size_t n = 0;
		uint32_t u;

		for (; n < sizeof(name); n++) {
			seed = seed * 1103515245 + 12345;
			name[n] = (char)(seed >> 16);
		}
		draw(name, n, 1 + round % 40, round & 1, &s);
		for (size_t i = 0, k; i + 1 < s.len; i += k) {
			k = text_decode(s.s + i, s.len - i, &u);
			ck_assert_msg(k && u >= 0x20 && u != 0x7f && !text_is_format(u),
				      "U+%04X gets to the terminal", (unsigned)u);
		}
	}
	setlocale(LC_ALL, "C");
}
END_TEST

START_TEST(canvas_lets_nothing_through)
{
	struct canvas c;
	AUTO(str_fini) struct str s = STR_INIT;

	canvas_init(&c, false);
	canvas_resize(&c, 20, 1);
	canvas_text(&c, 0, 0, STYLE_TEXT, "a\033[2J\n\xff\u202e\xc2\x9b");
	canvas_print(&c, &s);
	ck_assert_str_eq(s.s, "a?[2J????\n");
	canvas_fini(&c);
}
END_TEST

/* --- keys ------------------------------------------------------------------------- */

START_TEST(keys_do_one_thing)
{
	for (int place = 1; place <= IN_CHANGES; place *= 2)
		for (int a = 1; a < ACTION_COUNT; a++)
			for (int b = 1; b < a; b++) {
				const char *s = key_table[a].keys;

				if (!(key_table[a].where & place & key_table[b].where))
					continue;
				for (; *s; s += strcspn(s, " "), s += *s == ' ') {
					size_t n = strcspn(s, " ");
					const char *in = strstr(key_table[b].keys, s);

					ck_assert_msg(!(in && strcspn(in, " ") == n &&
							(in == key_table[b].keys ||
							 in[-1] == ' ')),
						      "%.*s is %s and %s", (int)n, s,
						      key_table[a].action,
						      key_table[b].action);
				}
			}
}
END_TEST

START_TEST(keys_are_known)
{
	for (int a = 1; a < ACTION_COUNT; a++) {
		const char *s = key_table[a].keys;

		ck_assert(*s && *key_table[a].help);
		for (; *s; s += strcspn(s, " "), s += *s == ' ')
			ck_assert_msg(key_parse(s, strcspn(s, " ")), "%s: %s",
				      key_table[a].action, s);
	}
	ck_assert_uint_eq(key_parse("C-f", 3), 6);
	ck_assert_uint_eq(key_parse("\u00e9", 2), 0xe9);
	ck_assert_uint_eq(key_parse("Nonsense", 8), 0);
}
END_TEST

START_TEST(keys_bound_by_the_user)
{
	AUTO(keys_fini) struct keys k = { 0 };
	AUTO(err_fini) struct err e = ERR_INIT;

	ck_assert_int_eq(keys_action(&k, 'd', IN_FILES), ACTION_drop);
	ck_assert_int_eq(keys_bind(&k, "Z", "drop", &e), 0);
	ck_assert_int_eq(keys_bind(&k, "d", "none", &e), 0);
	ck_assert_int_eq(keys_action(&k, 'Z', IN_FILES), ACTION_drop);
	ck_assert_int_eq(keys_action(&k, 'd', IN_FILES), ACTION_NONE);
	ck_assert_int_eq(keys_bind(&k, "C-z", "drop", &e), -1);
	ck_assert_int_eq(keys_bind(&k, "x", "fly", &e), -1);
}
END_TEST

Suite *
suite_tui_layout(void)
{
	Suite *s = suite_create("tui_layout");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, frame_of_all_sizes);
	tcase_add_test(t, rows_go_in_order);
	tcase_add_test(t, columns_go_in_order);
	tcase_add_test(t, boxes_fit_or_fill);
	tcase_add_test(t, crop_cuts_the_middle);
	tcase_add_test(t, paths_keep_their_last_name);
	tcase_add_test(t, columns_can_be_hidden);
	tcase_add_test(t, crop_keeps_characters_whole);
	tcase_add_test(t, ascii_spells_the_rest);
	tcase_add_test(t, crop_any_bytes);
	tcase_add_test(t, canvas_lets_nothing_through);
	tcase_add_test(t, keys_do_one_thing);
	tcase_add_test(t, keys_are_known);
	tcase_add_test(t, keys_bound_by_the_user);
	suite_add_tcase(s, t);
	return s;
}
