#ifndef CONFORM_H
#define CONFORM_H

/* The mark of each side's objects. */
enum { MTIME_PACKAGE = 1000000000, MTIME_HOST = 1100000000 };

int do_call(char **arg); /* CALL PATH [PATH]; prints one line */
int say_side(void);

#endif
