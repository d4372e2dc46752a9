#ifndef CDE_TREE_SCRIPT_H
#define CDE_TREE_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/*
 * The "#!" line as fs/binfmt_script.c reads it: at most 256 bytes of the file,
 * blanks are space and tab, one optional argument which is the rest of the line
 * with blanks at both ends removed, NUL or newline ends it.
 */
struct script_line {
	struct str interp;
	struct str arg;
	bool has_arg;
};

#define SCRIPT_LINE_INIT \
	{ \
		STR_INIT, STR_INIT, false \
	}
void script_line_fini(struct script_line *s);

#define SCRIPT_HEAD 256

/* `head` holds the first n <= 256 bytes of the file.  1: a script; 0: it does not
 * start with "#!"; -ENOEXEC: "#!" but nothing usable (the kernel says ENOEXEC:
 * no interpreter, or cut off within the interpreter's name). */
int script_parse(const char *head, size_t n, struct script_line *out);

/* A file that the kernel cannot start (ENOEXEC): is it text that sh should run, as
 * execvp(3) has it?  As bash asks: not ELF, and no NUL in the first line. */
bool script_is_text(int fd);

#endif
