#ifndef CDE_TUI_APP_H
#define CDE_TUI_APP_H

#include "box.h"
#include "canvas.h"
#include "cost.h"
#include "finding.h"
#include "frame.h"
#include "groups.h"
#include "keys.h"
#include "prompt.h"
#include "stage.h"
#include "term.h"
#include "tree.h"
#include "unique.h"

#include <stdatomic.h>
#include <time.h>

#include "inspect/detail.h"
#include "inspect/process.h"

/*
 * All that the program knows.  app_event changes it, app_draw shows it, and neither
 * waits nor knows the terminal; what needs that (a pager, a shell, cde-exec) is asked
 * for in `want` and done by main.
 */
struct list {
	size_t cursor, top, n;
};

/* A row of screen 5: a run, or a process of it. */
struct app_process {
	int64_t run;
	const struct process *p; /* NULL: the run itself */
	unsigned depth;
};

/* What the column of sizes of screen 1 says. */
enum app_column { APP_SIZE, APP_UNIQUE, APP_COUNT, APP_COLUMNS };

enum want {
	WANT_NOTHING,
	WANT_PAGER,
	WANT_SHELL,
	WANT_TRY,
	WANT_WRITE,
	WANT_COMMAND, /* the terminal is for the command that runs beside */
};

typedef bool app_progress(void *ctx);

struct app {
	struct package package;
	struct model model;
	struct tree tree;
	struct stage stage;
	struct groups origins, types, facets;
	process_list process;
	detail_runs run;
	VEC(struct app_process) process_row;
	struct findings findings;
	bool process_fresh, findings_fresh;
	bool typing, typed; /* files are looked at for their types; that was done */
	bool live;	    /* it is being captured just now */
	bool beside;	    /* … by a command that is ours, and goes on */
	int64_t live_seen, live_next; /* package_generation; when to read again, ms */
	uint64_t types_seen, types_all;
	struct timespec slice; /* when the present slice of work began */
	struct detail detail;  /* of detail_node */
	uint32_t detail_node;
	struct costs costs;
	struct unique unique;
	bool unique_fresh;
	enum app_column column;
	size_t said_group; /* the message is about it, and its risks are not known yet */
	const char *said_before;

	struct frame frame;
	struct canvas canvas;
	enum screen screen;
	bool in_facets;
	struct list list[SCREEN_COUNT], facet_list;
	struct prompt prompt;
	struct box box;
	char pending; /* 's' or 'p': the next key tells what */
	struct str message;
	enum style message_style;
	struct keys keys;
	struct str find, filter_text;
	struct str filter_before; /* for Esc in the prompt */
	size_t find_from;	  /* row where the search began, and its node */
	uint32_t find_node;
	uint32_t last_mark;
	bool read_only, beep, redraw, mouse;
	unsigned hidden_columns; /* bits of enum column */
	bool quit, quit_asked;
	int status;

	app_progress *progress; /* or NULL */
	void *progress_ctx;
	struct str long_text; /* what goes on, instead of the message; "" nothing */
	atomic_bool long_stop;
	_Atomic uint64_t long_files, long_bytes;

	enum want want;
	struct str want_path; /* WANT_PAGER */
	bool want_try;	      /* after WANT_WRITE */
	bool waiting;	      /* BOX_BUSY: writes as soon as it can */
	int64_t wait_since;   /* ms */
	const char *title;    /* of the package: its directory's name */
};

/* dir NULL: as package_open. */
struct app_options {
	const char *dir, *filter, *sort;
	enum screen screen;
	bool read_only, ascii, mouse;
};

/* As it was shown before; a sort that is not known changes nothing. */
void app_view(struct app *a, const char *sort, bool down, bool flat, const char *column);
const char *app_column_word(enum app_column c); /* "size" … */

int app_open(struct app *a, const struct app_options *o, struct err *e);
void app_close(struct app *a);

void app_resize(struct app *a, int w, int h);
void app_event(struct app *a, const struct event *ev);
void app_draw(struct app *a);

/* There is work that goes on between events; app_work does some milliseconds of it. */
bool app_is_busy(const struct app *a);
void app_work(struct app *a);

/* Readable (EVENT_READY) when a thread has found something out; -1: none is at work. */
int app_wait_fd(const struct app *a);

/* How long to wait for EVENT_TICK; -1: for ever. */
int app_wait_ms(const struct app *a);
void app_beside_ended(struct app *a);

/*
 * Something long asks now and then whether it shall go on, with the message of the
 * canvas being up to date; false stops it, if that is still possible.  WANT_WRITE is
 * done by app_write.
 */
void app_on_progress(struct app *a, app_progress *progress, void *ctx);
void app_write(struct app *a);

/* What was wanted is done: status as of term_run. */
void app_done(struct app *a, enum want what, int status);

/* --- for the files of app only ---------------------------------------------------- */

void app_say(struct app *a, enum style style, const char *fmt, ...) PRINTF(3, 4);
void app_fail(struct app *a, struct err *e); /* says it, and clears it */

/*
 * Does it in a thread, and says in the last line for how long; nothing of the app may be
 * used meanwhile but by it.  may_stop: Ctrl-C makes its look-ups in the package fail;
 * else it asks app_long_goes_on.  False: Ctrl-C was pressed.
 */
struct app_act {
	const char *what; /* "staging" */
	bool may_stop;
	void (*work)(void *ctx);
	void *ctx;
};
bool app_long(struct app *a, const struct app_act *act);
bool app_long_goes_on(struct app *a, uint64_t files,
		      uint64_t bytes); /* from the thread */

/* Few files are looked at in no time; a thread for that would be a detour. */
enum { APP_FEW = 2000 };
void app_draw_message(struct app *a);
int64_t app_now_ms(void);

/* Says what a group does, and its risks as soon as they are known. */
void app_say_group(struct app *a, const char *before, size_t group);

/* After staging, undoing, writing: everything that derives from edits. */
void app_refresh(struct app *a);

/* cde.options, as it will be; until the next edit. */
const struct rules *app_rules(struct app *a);

/* Types of files are looked for in the background, where that can be. */
void app_want_types(struct app *a);

/* app_live.c: what was captured since. */
void app_live_start(struct app *a);
void app_tick(struct app *a);

/* Reads the package again (it was written, or types are known now); keeps what is open
 * and marked, and the row under the cursor. */
int app_reload(struct app *a, struct err *e);
int app_reload_long(struct app *a, struct err *e); /* in a thread, if it is much */

/* Reads it into a->model, which is empty. */
int app_load(struct app *a, struct err *e);

/* What is noted as absent, and staged so, is none of the rows of what is missing. */
void app_ignore(struct app *a);

struct list *app_list(struct app *a);
enum where app_where(const struct app *a);
size_t app_rows(const struct app *a); /* of the list that has the keys */
void app_cursor(struct app *a, size_t row);

/* The node under the cursor; UINT32_MAX: the row is none. */
uint32_t app_node(const struct app *a);
struct groups *app_groups(struct app *a); /* of the present screen or facets, or NULL */

/* What an edit is for: marked rows, or the row under the cursor.  Nodes or a filter. */
typedef VEC(uint32_t) app_nodes;
void app_targets(struct app *a, app_nodes *out);

/* What is in the package twice: app_read_unique reads it, once, before it is asked for;
 * app_count_unique brings the sums up to date. */
void app_read_unique(struct app *a);
void app_count_unique(struct app *a);
void app_next_column(struct app *a);

void app_show_screen(struct app *a, enum screen s);
void app_set_filter(struct app *a, const char *text, bool live);
bool app_can(const struct app *a, enum action x); /* does it make sense here, now? */
void app_use_words(const struct detail_use *u, struct str *out); /* "read by 12 sh" */
const char *app_state_words(const struct entry *x);
const struct detail *app_detail(struct app *a, uint32_t n); /* of a node; kept */
void app_goto(struct app *a, uint32_t node);		    /* shows it on screen 1 */
bool app_do(struct app *a, enum action x); /* false: nothing to do here */
void app_move(struct app *a, enum action x);
bool app_edit(struct app *a, enum action x);
void app_pin(struct app *a, uint32_t key);

void app_prefix(struct app *a, uint32_t key); /* the key behind s or p */
void app_prompt_key(struct app *a, uint32_t key);
void app_box_key(struct app *a, uint32_t key);
void app_add_typed(struct app *a, const char *text);
void app_note_typed(struct app *a, const char *text);
void app_mark_typed(struct app *a, const char *text, bool on);

/* Regular files among the nodes, and below directories, to dir; done: how many. */
int app_extract(struct app *a, const uint32_t *node, size_t n, const char *dir,
		size_t *done, struct err *e);
void app_command(struct app *a, const char *text);
void app_escape(struct app *a);
void app_quit(struct app *a, bool now);

/* Boxes. */
void app_help(struct app *a);
void app_info(struct app *a);
void app_why(struct app *a);
void app_spell(struct app *a);
void app_write_box(struct app *a);
bool app_busy_key(struct app *a, uint32_t key); /* false: it is none of its own */
void app_busy_tick(struct app *a);		/* can it be written now? */
void app_restore_box(struct app *a);

/* Lists of screens. */
void app_need(struct app *a); /* builds what the present screen shows */
void app_draw_files(struct app *a);
void app_draw_groups(struct app *a);
void app_draw_facets(struct app *a);
void app_draw_missing(struct app *a);
void app_draw_processes(struct app *a);
void app_draw_changes(struct app *a);

/* One row of files: where is its rectangle, columns are those of the frame. */
void app_draw_node(struct app *a, struct rect at, uint32_t n);
enum style app_letter_style(char letter);
void app_draw_share(struct app *a, struct rect at, uint64_t part, uint64_t all);
void app_size(const struct app *a, uint64_t bytes, struct str *out); /* appends */

/* First row to draw so that the cursor is seen; keeps list.top. */
void list_fit(struct list *l, size_t n, int h);

#endif
