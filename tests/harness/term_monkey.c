#include "term_monkey.h"

#include <signal.h>
#include <stdlib.h>

/* Nothing that leaves the package's own directory or writes it: not W T ! o x e a : */
static const char *const monkey_keys[] = {
	"j",   "k",	"l",	  "h",	  "g",	   "G",	   "d",	 "d",	 "u",	 "u",
	"C-r", "p",	"h",	  "r",	  "z",	   "b",	   "t",	 "c",	 "s",	 "n",
	"s",   "c",	"f",	  "F",	  "/",	   "n",	   "N",	 "v",	 "+",	 "-",
	"A",   "i",	"w",	  "y",	  "m",	   "1",	   "2",	 "3",	 "4",	 "5",
	"6",   "Tab",	"Esc",	  "Esc",  "Enter", "Down", "Up", "PgDn", "PgUp", "Home",
	"End", "Space", "Space",  "*",	  "[",	   "]",	   "?",	 "BS",	 "C-l",	 "C-c",
	"Z",   "(",	"\u00e9", "Left", "Right", "z",	   "#",
};

static unsigned
dice(unsigned *seed, unsigned n)
{
	*seed = *seed * 1103515245 + 12345;
	return (*seed >> 16) % n;
}

/* What changes something, and what leads to other rows. */
static const char *const edit_keys[] = {
	"j", "j", "k", "l", "G", "g",	  "PgDn", "]",	 "[",	"d",	 "d",
	"p", "h", "p", "x", "p", "b",	  "p",	  "r",	 "r",	"Space", "Space",
	"A", "v", "t", "1", "2", "Enter", "Esc",  "Esc", "Esc", "3",	 "c",
};

void
monkey_edit(struct run *r, unsigned seed, int events)
{
	size_t n = sizeof(edit_keys) / sizeof(edit_keys[0]);

	for (int i = 0; i < events && !r->failed && !r->gone; i++) {
		run_press(r, edit_keys[dice(&seed, (unsigned)n)]);
		run_sync_to(r);
	}
}

/* Nobody would continue a program without a shell: the kernel makes nothing of TSTP, and
 * the screen is given away and taken back at once. */
static void
monkey_stop(struct run *r, bool really)
{
	if (really) {
		run_signal(r, "STOP");
		run_signal(r, "CONT");
	} else {
		kill(r->pid, SIGTSTP);
		r->sent++;
		run_sync_to(r);
	}
}

void
monkey_play(struct run *r, unsigned seed, int events)
{
	static const int sizes[][2] = { { 80, 24 }, { 120, 35 }, { 40, 10 }, { 20, 5 },
					{ 1, 1 },   { 200, 60 }, { 19, 7 },  { 100, 6 } };
	size_t n = sizeof(monkey_keys) / sizeof(monkey_keys[0]);
	const char *more = getenv("TUI_MONKEY");
	long until = run_now_ms() + (more ? atol(more) * 1000 : 0);

	for (int i = 0; !r->failed && !r->gone; i++) {
		const char *key = monkey_keys[dice(&seed, (unsigned)n)];
		unsigned what = dice(&seed, 200);

		if (i >= events && run_now_ms() >= until)
			break;
		if (what < 5) {
			const int *s = sizes[dice(&seed, 8)];

			run_resize(r, s[0], s[1]);
		} else if (what < 10) {
			run_signal(r, "CONT");
		} else if (what < 13) {
			monkey_stop(r, what == 10);
		} else {
			run_press(r, key);
			run_sync_to(r);
		}
	}
	run_resize(r, 80, 24);
}
