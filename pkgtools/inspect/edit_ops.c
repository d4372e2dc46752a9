#include "inspect/edit_ops.h"

#include <string.h>

enum {
	BLOCK = 16,
	/* bits of the first byte, above the verb */
	HAS_ARG = 8,
	HAS_WHY = 16,
	IS_DEAD = 32,
	HAS_ROW = 64,
	HAS_GAP = 128,
};

struct edit_block {
	size_t at;
	uint64_t gaps; /* before it */
};

void
edit_ops_fini(struct edit_ops *o)
{
	free(o->v);
	free(o->last);
	vec_fini(&o->block);
	*o = (struct edit_ops){ 0 };
}

/* --- writing ---------------------------------------------------------------------- */

static void
put_bytes(struct edit_ops *o, const void *from, size_t n)
{
	if (o->cap - o->len < n) {
		o->cap = (o->cap + n) * 2 > 64 ? (o->cap + n) * 2 : 64;
		o->v = mem_resize(o->v, o->cap, 1);
	}
	memcpy(o->v + o->len, from, n);
	o->len += n;
}

static void
put_byte(struct edit_ops *o, unsigned byte)
{
	put_bytes(o, &(uint8_t){ (uint8_t)byte }, 1);
}

static void
put_number(struct edit_ops *o, uint64_t n)
{
	for (; n >= 128; n >>= 7)
		put_byte(o, 128 | (n & 127));
	put_byte(o, (unsigned)n);
}

static void
keep_path(struct edit_ops *o, const char *path, size_t len)
{
	if (o->last_cap < len) {
		o->last_cap = len * 2;
		o->last = mem_resize(o->last, o->last_cap, 1);
	}
	memcpy(o->last, path, len);
	o->last_len = len;
}

static void
put_path(struct edit_ops *o, const char *path)
{
	size_t len = strlen(path), same = 0;

	while (same < len && same < o->last_len && path[same] == o->last[same])
		same++;
	put_number(o, same);
	put_number(o, len - same);
	put_bytes(o, path + same, len - same);
	keep_path(o, path, len);
}

/* The difference to the row before, small when it is small whatever its sign. */
static void
put_row(struct edit_ops *o, const struct edit_op *op)
{
	int64_t d = (int64_t)op->row - (int64_t)o->last_row;

	put_number(o, d < 0 ? ((uint64_t)-d << 1) - 1 : (uint64_t)d << 1);
	put_byte(o, (unsigned char)op->kind);
	put_byte(o, op->state);
	put_number(o, op->size);
	o->last_row = op->row;
}

static void
count(struct edit_ops *o, const struct edit_op *op, size_t n)
{
	o->n += n;
	o->count[op->verb] += n;
	o->dead[op->verb] += op->dead ? n : 0;
	o->needed += op->verb == EDIT_ADD && op->why ? n : 0;
}

void
edit_ops_add(struct edit_ops *o, const struct edit_op *op)
{
	uint64_t gap = 0;

	if (!o->n)
		o->id = op->id;
	else if (op->id)
		gap = (uint64_t)op->id - ((uint64_t)o->id + o->n + o->gaps);
	if (o->n % BLOCK == 0) {
		vec_push(&o->block, ((struct edit_block){ o->len, o->gaps }));
		o->last_len = 0;
		o->last_row = 0;
	}
	put_byte(o, op->verb | (op->arg ? HAS_ARG : 0U) | (op->why ? HAS_WHY : 0U) |
			    (op->dead ? IS_DEAD : 0U) | (op->row ? HAS_ROW : 0U) |
			    (gap ? HAS_GAP : 0U));
	if (gap)
		put_number(o, gap);
	put_path(o, op->path);
	if (op->arg)
		put_bytes(o, op->arg, strlen(op->arg) + 1);
	if (op->why)
		put_bytes(o, op->why, strlen(op->why) + 1);
	if (op->row)
		put_row(o, op);
	o->gaps += gap;
	count(o, op, 1);
}

void
edit_ops_trunc(struct edit_ops *o, size_t n)
{
	struct edit_walk w = { 0 };
	struct edit_ops was = *o;

	if (n >= o->n)
		return;
	if (n == 0) {
		edit_ops_fini(o);
		return;
	}
	for (size_t i = n; i < was.n; i++)
		count(o, edit_ops_at(&was, i, &w), SIZE_MAX);
	edit_ops_at(&was, n - 1, &w);
	o->len = w.at;
	o->block.n = (n + BLOCK - 1) / BLOCK;
	o->last_row = w.row;
	o->gaps = w.gaps;
	keep_path(o, w.path, w.len);
	edit_walk_fini(&w);
}

/* --- reading ---------------------------------------------------------------------- */

static uint64_t
get_number(const struct edit_ops *o, size_t *at)
{
	uint64_t n = 0;
	unsigned shift = 0;

	for (; o->v[*at] & 128; shift += 7)
		n |= (uint64_t)(o->v[(*at)++] & 127) << shift;
	return n | (uint64_t)o->v[(*at)++] << shift;
}

static const char *
get_text(const struct edit_ops *o, size_t *at)
{
	const char *text = (const char *)o->v + *at;

	*at += strlen(text) + 1;
	return text;
}

static void
get_path(const struct edit_ops *o, struct edit_walk *w)
{
	size_t same = get_number(o, &w->at), more = get_number(o, &w->at);

	w->len = same + more;
	if (w->cap <= w->len) {
		w->cap = w->len * 2 + 1;
		w->path = mem_resize(w->path, w->cap, 1);
	}
	memcpy(w->path + same, o->v + w->at, more);
	w->path[w->len] = '\0';
	w->at += more;
}

static void
get_row(const struct edit_ops *o, struct edit_walk *w)
{
	uint64_t d = get_number(o, &w->at);

	w->row += (uint32_t)(d & 1 ? -((d + 1) >> 1) : d >> 1);
	w->op.row = w->row;
	w->op.kind = (char)o->v[w->at++];
	w->op.state = o->v[w->at++];
	w->op.size = get_number(o, &w->at);
}

static void
step(const struct edit_ops *o, struct edit_walk *w)
{
	unsigned first = o->v[w->start = w->at];

	if (w->next % BLOCK == 0)
		w->row = 0;
	w->at++;
	if (first & HAS_GAP)
		w->gaps += get_number(o, &w->at);
	get_path(o, w);
	w->op = (struct edit_op){
		.id = o->id ? (int64_t)((uint64_t)o->id + w->next + w->gaps) : 0,
		.verb = first & 7,
		.path = w->path,
		.dead = first & IS_DEAD,
	};
	if (first & HAS_ARG)
		w->op.arg = get_text(o, &w->at);
	if (first & HAS_WHY)
		w->op.why = get_text(o, &w->at);
	if (first & HAS_ROW)
		get_row(o, w);
	if (o->stale) {
		w->op.row = 0;
		w->op.kind = 0;
	}
	w->next++;
}

const struct edit_op *
edit_ops_at(const struct edit_ops *o, size_t i, struct edit_walk *w)
{
	if (w->ops != o || w->next > i ||
	    (w->next / BLOCK != i / BLOCK && w->next != i)) {
		w->at = o->block.v[i / BLOCK].at;
		w->gaps = o->block.v[i / BLOCK].gaps;
		w->next = i - i % BLOCK;
		w->ops = o;
	}
	while (w->next <= i)
		step(o, w);
	return &w->op;
}

void
edit_walk_fini(struct edit_walk *w)
{
	free(w->path);
	*w = (struct edit_walk){ 0 };
}

void
edit_ops_set_dead(struct edit_ops *o, const struct edit_walk *w, bool dead)
{
	uint8_t *first = &o->v[w->start];

	if (!(*first & IS_DEAD) == !dead)
		return;
	*first ^= IS_DEAD;
	if (dead)
		o->dead[*first & 7]++;
	else
		o->dead[*first & 7]--;
}
