#ifndef CDE_TESTS_UNIT_NUMBERS_H
#define CDE_TESTS_UNIT_NUMBERS_H

/* A number of nr_ARCH.def beside what the kernel's header says, as text: the text is
 * the macro's own name where the header does not have it. */
struct number {
	unsigned nr;
	const char *name;
	const char *header;
};

#define NUMBER_TEXT(x)	#x
#define NUMBER_MACRO(x) NUMBER_TEXT(x)

extern const struct number numbers_i386[];
extern const unsigned numbers_i386_count;

#endif
