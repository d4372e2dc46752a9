/* The capture's parts that need no tracee: objects of a small tree are recorded
 * as calls would have it, and the package is looked at. */
#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/call.h"
#include "capture/image.h"
#include "capture/miss.h"
#include "capture/record.h"
#include "capture/start.h"
#include "tree/copy.h"
#include "suites.h"

static struct str top, cwd;
static struct layout layout;
static struct manifest *manifest;
static struct rules rules;
static struct record record;
static struct err err;

static void
sh(const char *text)
{
	AUTO(str_fini) struct str cmd = STR_INIT;

	str_addf(&cmd, "cd '%s' && { %s; }", top.s, text);
	ck_assert_int_eq(system(cmd.s), 0);
}

static void
begin_run(void)
{
	char *argv[] = { (char[]){ "x" }, NULL };

	manifest = manifest_open(&layout, &err);
	ck_assert_msg(manifest, "%s", err.text.s);
	record_init(&record, &layout, manifest, &rules);
	manifest_run(manifest, &(struct manifest_command){ argv, top.s, "test", NULL });
}

static void
end_run(void)
{
	record_finish(&record, false);
	record_fini(&record);
	ck_assert_int_eq(manifest_close(manifest, &err), 0);
}

static void
setup(void)
{
	char dir[] = "/tmp/unit-capture-XXXXXX", *real;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	real = realpath(dir, NULL);
	str_init(&top);
	str_init(&cwd);
	str_set(&top, real);
	free(real);
	err = (struct err)ERR_INIT;
	layout = (struct layout)LAYOUT_INIT;
	str_set(&cwd, top.s);
	str_add(&cwd, "/cde-package");
	ck_assert_int_eq(layout_create(&layout, cwd.s, &err), 0);
	rules_init(&rules, 2);
	begin_run();
}

static void
teardown(void)
{
	end_run();
	sh("chmod -R u+rwx .; rm -rf \"$PWD\"");
	rules_fini(&rules);
	layout_fini(&layout);
	str_fini(&top);
	str_fini(&cwd);
	err_fini(&err);
}

static void
next_run(void)
{
	end_run();
	begin_run();
}

/* What a call with `how` on this name would do. */
static struct node *
touch(const char *name, enum effect how)
{
	return record_name(&record, top.s, name, how);
}

static bool
packaged(const char *name)
{
	AUTO(str_fini) struct str p = STR_INIT;

	copier_wait_all(record.copier);
	str_addf(&p, "%s%s/%s", layout.root.s, top.s, name);
	return faccessat(AT_FDCWD, p.s, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static const char *
packaged_text(const char *name)
{
	static struct str text = STR_INIT;
	AUTO(str_fini) struct str p = STR_INIT;

	copier_wait_all(record.copier);
	str_clear(&text);
	str_addf(&p, "%s%s/%s", layout.root.s, top.s, name);
	return fs_slurp(AT_FDCWD, p.s, &text, &err) < 0 ? "(none)" : text.s;
}

static void
made(const char *name)
{
	AUTO(str_fini) struct str p = STR_INIT;

	str_addf(&p, "%s/%s", top.s, name);
	record_made(&record, p.s);
}

static void
moved(const char *from, const char *to)
{
	AUTO(str_fini) struct str a = STR_INIT, b = STR_INIT;

	str_addf(&a, "%s/%s", top.s, from);
	str_addf(&b, "%s/%s", top.s, to);
	record_moved(&record, a.s, b.s);
}

START_TEST(a_file_and_its_links)
{
	sh("echo one > a; ln -s a l; ln -s l m; mkdir d; ln -s ../m d/n");
	ck_assert_ptr_nonnull(touch("d/n", EFF_READ));
	ck_assert_str_eq(packaged_text("a"), "one\n");
	ck_assert(packaged("l") && packaged("m") && packaged("d/n"));
}
END_TEST

START_TEST(loops_and_dangling_links_are_kept)
{
	sh("ln -s b a; ln -s a b; ln -s nowhere c");
	ck_assert_ptr_null(touch("a", EFF_READ));
	ck_assert_ptr_null(touch("c", EFF_READ));
	ck_assert(packaged("a") && packaged("b") && packaged("c"));
}
END_TEST

START_TEST(the_state_before_a_write_is_kept)
{
	sh("echo old > a");
	touch("a", EFF_WRITE);
	sh("echo new > a");
	ck_assert_str_eq(packaged_text("a"), "old\n");
	touch("a", EFF_READ);
	ck_assert_str_eq(packaged_text("a"), "old\n");
}
END_TEST

START_TEST(what_the_run_made_stays_out)
{
	sh("mkdir new; echo x > new/x; echo y > y");
	made("new");
	made("y");
	touch("new/x", EFF_READ);
	touch("y", EFF_READ);
	ck_assert(!packaged("new") && !packaged("y"));
}
END_TEST

START_TEST(an_output_that_moves_is_an_output)
{
	sh("mkdir old; echo x > old/x");
	made("old");
	touch("old/x", EFF_STAT);
	sh("mv old new");
	moved("old", "new");
	touch("new/x", EFF_READ);
	ck_assert(!packaged("new") && !packaged("old"));
}
END_TEST

START_TEST(an_input_below_a_moved_directory_has_its_first_name)
{
	sh("mkdir old; echo x > old/x");
	touch("old", EFF_RENAME_FROM);
	sh("mv old new");
	moved("old", "new");
	touch("new/x", EFF_READ);
	ck_assert_str_eq(packaged_text("old/x"), "x\n");
	ck_assert(!packaged("new"));
}
END_TEST

START_TEST(a_listed_directory_has_all_names)
{
	sh("mkdir d; echo secret > d/f; mkdir d/sub; ln -s f d/l; echo out > d/out; "
	   "mkfifo d/p");
	made("d/out");
	touch("d", EFF_LIST);
	ck_assert_str_eq(packaged_text("d/f"), TREE_PLACEHOLDER_TEXT);
	ck_assert(packaged("d/sub") && packaged("d/l") && packaged("d/p"));
	ck_assert(!packaged("d/out"));
	touch("d/f", EFF_READ);
	ck_assert_str_eq(packaged_text("d/f"), "secret\n");
}
END_TEST

START_TEST(a_listing_leaves_the_package_out)
{
	touch(".", EFF_LIST);
	ck_assert(packaged(".") && !packaged("cde-package"));
}
END_TEST

START_TEST(unchanged_files_are_not_copied_again)
{
	struct stat before, after;
	AUTO(str_fini) struct str p = STR_INIT;

	sh("echo one > a");
	touch("a", EFF_READ);
	ck_assert(packaged("a"));
	str_addf(&p, "%s%s/a", layout.root.s, top.s);
	ck_assert_int_eq(stat(p.s, &before), 0);
	next_run();
	touch("a", EFF_READ);
	ck_assert(packaged("a"));
	ck_assert_int_eq(stat(p.s, &after), 0);
	ck_assert_int_eq(before.st_ino, after.st_ino);
	ck_assert_int_eq(before.st_ctim.tv_nsec, after.st_ctim.tv_nsec);
}
END_TEST

START_TEST(changed_files_are_copied_again)
{
	sh("echo one > a; echo x > b");
	touch("a", EFF_READ);
	touch("b", EFF_READ);
	next_run();
	sh("echo two > a; touch -d 2001-01-01 a");
	touch("a", EFF_READ);
	ck_assert_str_eq(packaged_text("a"), "two\n");
}
END_TEST

START_TEST(a_copy_that_is_gone_is_made_again)
{
	sh("echo one > a");
	touch("a", EFF_READ);
	next_run();
	sh("rm -r cde-package/cde-root/*");
	touch("a", EFF_READ);
	ck_assert_str_eq(packaged_text("a"), "one\n");
}
END_TEST

START_TEST(rules_keep_files_out)
{
	AUTO(str_fini) struct str text = STR_INIT;

	str_addf(&text, "%s/ign", top.s);
	ck_assert_int_eq(rules_add(&rules, VERDICT_HOST, MATCH_PREFIX, text.s, &err), 0);
	sh("mkdir ign; echo x > ign/x; echo y > ignored");
	touch("ign/x", EFF_READ);
	touch("ignored", EFF_READ);
	ck_assert(!packaged("ign") && packaged("ignored"));
}
END_TEST

START_TEST(a_script_brings_its_interpreters)
{
	int n = 0;

	sh("printf '#!%s/b arg\\n' \"$PWD\" > a; printf '#! c\\n' > b; printf '\\177ELF' "
	   "> c; "
	   "chmod +x a b c");
	record_program(&record, touch("a", EFF_EXEC), top.s, NULL, NULL);
	n += packaged("a") + packaged("b") + packaged("c");
	ck_assert_int_eq(n, 3);
}
END_TEST

START_TEST(directories_keep_their_time)
{
	struct stat st;
	AUTO(str_fini) struct str p = STR_INIT;

	sh("mkdir d; echo x > d/x; touch -d '2001-02-03 04:05:06.5 UTC' d");
	touch("d/x", EFF_READ);
	next_run();
	str_addf(&p, "%s%s/d", layout.root.s, top.s);
	ck_assert_int_eq(stat(p.s, &st), 0);
	ck_assert_int_eq(st.st_mtim.tv_sec, 981173106);
	ck_assert_int_eq(st.st_mtim.tv_nsec, 500000000);
}
END_TEST

START_TEST(a_name_too_long_for_one_call)
{
	AUTO(str_fini) struct str p = STR_INIT;
	struct node *n;

	sh("i=0; while [ $i -lt 45 ]; do d=$(printf %0100d $i); mkdir $d; cd -P $d; "
	   "i=$((i+1)); done; echo deep > f");
	for (int i = 0; i < 45; i++)
		str_addf(&p, "%0100d/", i);
	str_add(&p, "f");
	n = touch(p.s, EFF_READ);
	ck_assert_ptr_nonnull(n);
	copier_wait_all(record.copier);
	record_drain(&record);
	ck_assert_int_eq(record.lost.n, 0);
	ck_assert_int_eq(record.unreadable.n, 0);
}
END_TEST

START_TEST(misses_are_counted_once)
{
	struct misses x = { 0 };
	AUTO(str_fini) struct str p = STR_INIT;

	str_set(&p, "/none");
	for (int i = 0; i < 5; i++)
		misses_add(&x, &p, "openat", 2, 1);
	ck_assert_int_eq(x.miss.n, 1);
	ck_assert_int_eq(x.miss.v[0].count, 5);
	for (int i = 0; i < MISSES_MAX + 10; i++) {
		str_clear(&p);
		str_addf(&p, "/%d", i);
		misses_add(&x, &p, "openat", 2, 1);
	}
	ck_assert_int_eq(x.miss.n, MISSES_MAX);
	ck_assert_int_eq(x.dropped, 11);
	misses_fini(&x);
}
END_TEST

START_TEST(an_image_knows_what_it_did)
{
	struct image *x = image_new(1);
	struct node n = { .index = 0 };

	for (uint32_t i = 0; i < 1000; i++) {
		n.index = i;
		ck_assert_uint_eq(image_access(x, &n, ACCESS_STAT), ACCESS_STAT);
	}
	for (uint32_t i = 0; i < 1000; i++) {
		n.index = i;
		ck_assert_uint_eq(image_access(x, &n, ACCESS_STAT), 0);
		ck_assert_uint_eq(image_access(x, &n, ACCESS_STAT | ACCESS_READ),
				  ACCESS_READ);
	}
	image_drop(x);
}
END_TEST

START_TEST(option_lines_are_added_once)
{
	AUTO(str_fini) struct str text = STR_INIT;

	str_set(&text, "# cde.options v2\nignore_exact=/a/b");
	ck_assert(!start_add_line(&text, "ignore_exact=/a/b"));
	ck_assert(start_add_line(&text, "ignore_exact=/a"));
	ck_assert(!start_add_line(&text, "ignore_exact=/a"));
	ck_assert_str_eq(text.s,
			 "# cde.options v2\nignore_exact=/a/b\nignore_exact=/a\n");
}
END_TEST

START_TEST(commands_are_found_as_execvp_does)
{
	AUTO(str_fini) struct str path = STR_INIT, out = STR_INIT;

	sh("mkdir p q; echo > p/c; echo > q/c; chmod +x q/c; mkdir p/dir; echo > p/no");
	str_addf(&path, "%s/none:%s/p:%s/q", top.s, top.s, top.s);
	ck_assert_int_eq(start_find_command("c", path.s, &out), 0);
	ck_assert_ptr_nonnull(strstr(out.s, "/q/c"));
	ck_assert_int_eq(start_find_command("no", path.s, &out), 126);
	ck_assert_int_eq(start_find_command("dir", path.s, &out), 126);
	ck_assert_int_eq(start_find_command("zzz", path.s, &out), 127);
	ck_assert_int_eq(start_find_command("", path.s, &out), 127);
	ck_assert_int_eq(start_find_command("/no/such/file", path.s, &out), 127);
}
END_TEST

START_TEST(a_cwd_below_an_ignored_prefix_gets_a_rule)
{
	AUTO(str_fini) struct str line = STR_INIT;

	rules_add(&rules, VERDICT_HOST, MATCH_PREFIX, "/tmp", &err);
	start_cwd_rule(&rules, "/tmp/x", &line);
	ck_assert_str_eq(line.s, "redirect_prefix=/tmp/x");
	start_cwd_rule(&rules, "/tmp", &line);
	ck_assert_str_eq(line.s, "");
	start_cwd_rule(&rules, "/home/u", &line);
	ck_assert_str_eq(line.s, "");
}
END_TEST

static void
add_record_tests(TCase *t)
{
	tcase_add_test(t, a_file_and_its_links);
	tcase_add_test(t, loops_and_dangling_links_are_kept);
	tcase_add_test(t, the_state_before_a_write_is_kept);
	tcase_add_test(t, what_the_run_made_stays_out);
	tcase_add_test(t, an_output_that_moves_is_an_output);
	tcase_add_test(t, an_input_below_a_moved_directory_has_its_first_name);
	tcase_add_test(t, a_listed_directory_has_all_names);
	tcase_add_test(t, a_listing_leaves_the_package_out);
	tcase_add_test(t, unchanged_files_are_not_copied_again);
	tcase_add_test(t, changed_files_are_copied_again);
	tcase_add_test(t, a_copy_that_is_gone_is_made_again);
	tcase_add_test(t, rules_keep_files_out);
	tcase_add_test(t, a_script_brings_its_interpreters);
	tcase_add_test(t, directories_keep_their_time);
	tcase_add_test(t, a_name_too_long_for_one_call);
}

/* An open call on this name, as at its entry. */
static void
open_call(struct call *x, const char *name, enum effect how, bool there)
{
	AUTO(str_fini) struct str p = STR_INIT;

	str_addf(&p, "%s/%s", top.s, name);
	call_add(&record, x, &p, how, there ? touch(name, EFF_STAT) : NULL);
}

static unsigned
flags_of(const char *name)
{
	AUTO(str_fini) struct str p = STR_INIT;

	str_addf(&p, "%s/%s", top.s, name);
	return view_find(&record.view, p.s, p.len)->flags & (NODE_MADE | NODE_PENDING);
}

START_TEST(what_a_call_made_is_seen_later)
{
	struct call a = { 0 }, b = { 0 };

	open_call(&a, "new", EFF_CREATE, false);
	call_open(&record, &a);
	open_call(&b, "never", EFF_CREATE, false);
	call_open(&record, &b);
	ck_assert_ptr_null(touch("new", EFF_READ)); /* still under way */
	ck_assert(a.open);
	sh("echo > new");
	ck_assert_ptr_nonnull(touch("new", EFF_READ));
	ck_assert(!a.open);
	ck_assert_uint_eq(flags_of("new"), NODE_MADE);
	call_over(&record, &b);
	ck_assert_uint_eq(flags_of("never"), 0);
	ck_assert(!packaged("new"));
}
END_TEST

START_TEST(what_a_call_moved_is_seen_later)
{
	struct call a = { 0 }, b = { 0 };

	sh("mkdir d; echo old > d/f; echo x > x");
	open_call(&a, "d", EFF_RENAME_FROM, true);
	open_call(&a, "e", EFF_RENAME_TO, false);
	call_open(&record, &a);
	open_call(&b, "x", EFF_DELETE, true);
	call_open(&record, &b);
	sh("mv d e");
	ck_assert_ptr_nonnull(touch("e/f", EFF_READ));
	ck_assert(!a.open);
	ck_assert_str_eq(packaged_text("d/f"), "old\n");
	ck_assert(!packaged("e/f"));
	ck_assert_ptr_nonnull(touch("x", EFF_STAT)); /* it failed, or is under way */
	ck_assert(b.open);
	call_over(&record, &b);
	ck_assert_uint_eq(flags_of("x"), 0);
}
END_TEST

Suite *
suite_capture(void)
{
	Suite *s = suite_create("capture");
	TCase *t = tcase_create("record"), *u = tcase_create("parts");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_checked_fixture(u, setup, teardown);
	add_record_tests(t);
	tcase_add_test(u, what_a_call_made_is_seen_later);
	tcase_add_test(u, what_a_call_moved_is_seen_later);
	tcase_add_test(u, misses_are_counted_once);
	tcase_add_test(u, an_image_knows_what_it_did);
	tcase_add_test(u, option_lines_are_added_once);
	tcase_add_test(u, commands_are_found_as_execvp_does);
	tcase_add_test(u, a_cwd_below_an_ignored_prefix_gets_a_rule);
	suite_add_tcase(s, t);
	suite_add_tcase(s, u);
	return s;
}
