#ifndef CDE_TESTS_TERM_RUN_H
#define CDE_TESTS_TERM_RUN_H

#include <stdbool.h>
#include <sys/types.h>
#include <termios.h>

#include "term_raw.h"
#include "term_shot.h"

/* A program on a pseudo-terminal: its screen, and what it has read (term.c). */
enum { WORDS = 64, LIMIT_MS = 20000, SAVED = 8 };

struct saved {
	char *name, *text;
};

struct run {
	const char *script;
	unsigned line;
	const char *work;
	int w, h, fd;
	pid_t pid;
	VTerm *vt;
	VTermScreen *screen;
	unsigned long sent, idle;
	unsigned long bytes; /* of it, since the last key */
	bool paused, gone, alt, failed;
	char osc[64]; /* of a sync that has begun */
	size_t osc_n;
	char sgr[64]; /* of an attribute that has begun */
	size_t sgr_n;
	struct saved saved[SAVED];
	size_t saves;
	struct termios before;
	struct raw raw; /* on: not for what is spawned, which is said to talk freely */
	char keys[200]; /* the last ones, for messages */
};

/* Row y as text, without blanks at its end. */
void run_row_text(struct run *r, int y, char *out, size_t size);
char *run_screen_text(struct run *r); /* heap */

/* Prints where and why, and the screen; only the first time. */
void run_fail(struct run *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

long run_now_ms(void);

/* False: nothing came before `until`, or there is nobody any more. */
bool run_read_some(struct run *r, long until);
void run_sync_to(struct run *r); /* all that was sent is read, and drawn */
void run_feed(struct run *r, const char *s, size_t n); /* not counted */
void run_send_event(struct run *r, const char *s, size_t n);
void run_press(struct run *r, const char *word);
void run_type(struct run *r, const char *text, bool wait);
void run_signal(struct run *r, const char *name); /* "TERM" …; its effect is waited for */
void run_resize(struct run *r, int w, int h);

void run_start(struct run *r, char **argv);
void run_first_screen(struct run *r);
void run_finish(struct run *r);
void run_expect_exit(struct run *r, int want);
void run_expect_death(struct run *r, int want);

#endif
