/*
 * conform CALL PATH [PATH]: makes one call and prints what came of it.  run.py puts
 * it into packages and compares with the table.  As a program of the fixture it is
 * called without arguments.
 */
#include "conform.h"

int
main(int argc, char **argv)
{
	return argc > 2 ? do_call(argv + 1) : say_side();
}
