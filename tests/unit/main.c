#include <stdio.h>
#include <stdlib.h>

#include "suites.h"

/* A suite that is not linked is passed over, and said. */
#define SUITE_WEAK(name) extern Suite *suite_##name(void) __attribute__((weak));
SUITES(SUITE_WEAK)

static const struct {
	const char *name;
	Suite *(*make)(void);
} suites[] = {
#define SUITE_ROW(name) { #name, suite_##name },
	SUITES(SUITE_ROW)
};

int
main(void)
{
	SRunner *sr = srunner_create(NULL);
	int failed, ran;

	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
		if (suites[i].make)
			srunner_add_suite(sr, suites[i].make());
		else
			printf("suite %s: not linked\n", suites[i].name);
	}
	fflush(stdout);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	ran = srunner_ntests_run(sr);
	srunner_free(sr);
	return failed == 0 && ran > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
