#include "frame.h"

/*
 * below: the column goes when the list is narrower than that.  Order on the screen is
 * the order here; the name comes last and takes what is left.
 */
struct spec {
	enum column what;
	int w, below;
};

static const struct spec files[] = {
	{ COLUMN_STATE, 2, 0 }, { COLUMN_SIZE, 10, 28 },   { COLUMN_SHARE, 8, 78 },
	{ COLUMN_TYPE, 8, 48 }, { COLUMN_ORIGIN, 15, 62 }, { COLUMN_ACCESS, 5, 70 },
};
static const struct spec groups[] = {
	{ COLUMN_STATE, 2, 0 },
	{ COLUMN_SIZE, 10, 28 },
	{ COLUMN_COUNT, 7, 40 },
	{ COLUMN_SHARE, 8, 60 },
};
static const struct spec missing[] = {
	{ COLUMN_STATE, 2, 0 }, { COLUMN_SEVERITY, 3, 28 }, { COLUMN_TIMES, 5, 62 },
	{ COLUMN_CALL, 8, 48 }, { COLUMN_ASKED, 16, 70 },   { COLUMN_HOST, 4, 40 },
};
static const struct spec processes[] = {
	{ COLUMN_PID, 7, 36 },
	{ COLUMN_COUNT, 7, 28 },
	{ COLUMN_STATUS, 8, 60 },
};
static const struct spec changes[] = {
	{ COLUMN_STATE, 2, 0 },
	{ COLUMN_NUMBER, 4, 36 },
	{ COLUMN_EFFECT, 11, 48 },
};

static const struct {
	const struct spec *v;
	int n;
} specs[SCREEN_COUNT] = {
	[SCREEN_FILES] = { files, ARRAY_SIZE(files) },
	[SCREEN_ORIGINS] = { groups, ARRAY_SIZE(groups) },
	[SCREEN_TYPES] = { groups, ARRAY_SIZE(groups) },
	[SCREEN_MISSING] = { missing, ARRAY_SIZE(missing) },
	[SCREEN_PROCESSES] = { processes, ARRAY_SIZE(processes) },
	[SCREEN_CHANGES] = { changes, ARRAY_SIZE(changes) },
};

const char *
frame_column_title(enum column what)
{
	static const char *const title[COLUMN_MOST] = {
		[COLUMN_STATE] = "St",	     [COLUMN_SIZE] = "Size",
		[COLUMN_COUNT] = "Files",    [COLUMN_SHARE] = "Share",
		[COLUMN_TYPE] = "Type",	     [COLUMN_ORIGIN] = "Origin",
		[COLUMN_ACCESS] = "Acc",     [COLUMN_SEVERITY] = "Sev",
		[COLUMN_TIMES] = "Times",    [COLUMN_CALL] = "Call",
		[COLUMN_ASKED] = "Asked by", [COLUMN_HOST] = "Host",
		[COLUMN_PID] = "Pid",	     [COLUMN_STATUS] = "Run",
		[COLUMN_NUMBER] = "Nr",	     [COLUMN_EFFECT] = "Effect",
		[COLUMN_NAME] = "Name",
	};

	return title[what];
}

static void
place_columns(struct frame *f, enum screen screen, unsigned hidden)
{
	int x = f->list.x + (f->list.w < 28 ? 0 : 1), end = f->list.x + f->list.w;

	for (int i = 0; i < specs[screen].n; i++) {
		const struct spec *s = &specs[screen].v[i];
		int w = s->w;

		if (f->list.w < s->below || hidden >> s->what & 1)
			continue;
		if (s->what == COLUMN_SIZE && f->short_sizes)
			w = 6;
		f->column[f->columns++] = (struct frame_column){ s->what, x, w };
		x += w + 1;
	}
	f->column[f->columns++] = (struct frame_column){ COLUMN_NAME, x, end - x };
}

/* The list's rectangle is everything between; rows are taken from both ends of it. */
static struct rect
take_top(struct rect *from, int h)
{
	struct rect got = { from->x, from->y, from->w, h };

	from->y += h;
	from->h -= h;
	return got;
}

static struct rect
take_bottom(struct rect *from, int h)
{
	from->h -= h;
	return (struct rect){ from->x, from->y + from->h, from->w, h };
}

static void
place_facets(struct frame *f)
{
	int w = f->w * 27 / 100;

	w = w > 38 ? 38 : w < 28 ? 28 : w;
	f->facets = (struct rect){ f->list.x, f->list.y - 1, w, f->list.h + 1 };
	if (f->facets.h >= 14)
		f->info = take_bottom(&f->facets, f->facets.h >= 24 ? 10 : 6);
	f->divider = (struct rect){ w, f->list.y - 1, 1, f->list.h + 1 };
	f->list.x += w + 1;
	f->list.w -= w + 1;
	f->header.x += w + 1;
	f->header.w -= w + 1;
}

void
frame_of(struct frame *f, int w, int h, enum screen screen, unsigned hidden)
{
	*f = (struct frame){ .w = w, .h = h };
	f->list = (struct rect){ 0, 0, w, h };
	f->small = w < FRAME_LEAST_W || h < FRAME_LEAST_H;
	if (f->small)
		return;
	f->title = take_top(&f->list, 1);
	f->message = take_bottom(&f->list, 1);
	if (h >= 10)
		f->tabs = take_top(&f->list, 1);
	if (h >= 8)
		f->hints = take_bottom(&f->list, 1);
	if (h >= 6)
		f->header = take_top(&f->list, 1);
	if (screen == SCREEN_FILES && w >= FRAME_WIDE && f->header.h)
		place_facets(f);
	if (screen == SCREEN_MISSING && h >= 16)
		f->detail = take_bottom(&f->list, h >= 20 ? 8 : 5);
	if (screen == SCREEN_CHANGES && h >= 16)
		f->detail = take_bottom(&f->list, 4);
	f->short_sizes = f->list.w < 40;
	place_columns(f, screen, hidden);
}

const struct frame_column *
frame_column(const struct frame *f, enum column what)
{
	for (int i = 0; i < f->columns; i++)
		if (f->column[i].what == what)
			return &f->column[i];
	return NULL;
}

struct rect
frame_box(const struct frame *f, int w, int h)
{
	struct rect r = { (f->w - w) / 2, (f->h - h) / 2, w, h };

	if (w > f->w)
		r.x = 0, r.w = f->w;
	if (h > f->h)
		r.y = 0, r.h = f->h;
	return r;
}
