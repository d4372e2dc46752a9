#ifndef CDE_TESTS_TERM_MONKEY_H
#define CDE_TESTS_TERM_MONKEY_H

#include "term_run.h"

/* Somebody who knows nothing and fears nothing; the same seed is the same somebody. */

/* Random keys, sizes and signals, all read: so many, and $TUI_MONKEY seconds at least. */
void monkey_play(struct run *r, unsigned seed, int events);

/* Random keys that move, mark, drop, pin and revert. */
void monkey_edit(struct run *r, unsigned seed, int events);

#endif
