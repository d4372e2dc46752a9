#ifndef CDE_TESTS_UNIT_SUITES_H
#define CDE_TESTS_UNIT_SUITES_H

#include <check.h>

/* One line per suite; suite_NAME is in a file of this directory. */
#define SUITES(S) \
	S(base) \
	S(files) \
	S(lex) \
	S(walk) \
	S(rule) \
	S(tree) \
	S(elf) \
	S(script) \
	S(decode) \
	S(stop) \
	S(sysdef) \
	S(manifest) \
	S(origin) \
	S(text) \
	S(query) \
	S(model) \
	S(ftype) \
	S(edit) \
	S(edit_ops) \
	S(pack) \
	S(missing) \
	S(differ) \
	S(capture) \
	S(exec) \
	S(store) \
	S(who) \
	S(scratch) \
	S(layer) \
	S(stream) \
	S(plan) \
	S(tui_layout) \
	S(tui_tree)

#define SUITE_PROTOTYPE(name) Suite *suite_##name(void);
SUITES(SUITE_PROTOTYPE)

#endif
