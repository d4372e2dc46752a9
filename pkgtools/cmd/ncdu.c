/*
 * [1,2,{about},[{dir},{file},[{dir},…]]] — names are bytes between quotes, as ncdu itself
 * writes them: control characters as \u00NN, all else as it is.
 */
#include "cmd/ncdu.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct ncdu {
	FILE *to;
	const struct model *m;
	uint8_t *shown;
	int64_t depth; /* of open arrays below the root */
};

static void
put_name(FILE *to, const char *name)
{
	for (; *name; name++) {
		unsigned char c = (unsigned char)*name;

		if (c == '"' || c == '\\')
			fprintf(to, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			fprintf(to, "\\u%04x", c);
		else
			putc(c, to);
	}
}

static int64_t
depth_of(const struct model *m, uint32_t n)
{
	int64_t depth = 0;

	for (; n; n = m->node[n].parent)
		depth++;
	return depth;
}

static enum model_step
put_node(void *ctx, uint32_t n, const struct entry *x)
{
	struct ncdu *d = ctx;
	int64_t depth = depth_of(d->m, n);
	bool dir = x->kind == 'd', stored = x->state == FILE_CAPTURED;

	if (!d->shown[n])
		return MODEL_SKIP;
	for (; d->depth >= depth; d->depth--)
		putc(']', d->to);
	fputs(",\n", d->to);
	if (dir) {
		putc('[', d->to);
		d->depth = depth;
	}
	fputs("{\"name\":\"", d->to);
	put_name(d->to, n ? x->name : "/");
	putc('"', d->to);
	if (!dir && stored)
		fprintf(d->to, ",\"asize\":%" PRIu64 ",\"dsize\":%" PRIu64,
			(uint64_t)x->size, (uint64_t)x->size);
	if (!dir && x->kind != 'f')
		fputs(",\"notreg\":true", d->to);
	if (x->state == FILE_UNREADABLE || x->state == FILE_LOST)
		fputs(",\"read_error\":true", d->to);
	putc('}', d->to);
	return ferror(d->to) ? MODEL_STOP : MODEL_ON;
}

int
ncdu_print(struct call *c, const struct query *q, struct err *e)
{
	AUTO(model_fini) struct model m = { 0 };
	struct ncdu d = { .to = stdout, .m = &m, .depth = -1 };
	query_ids id = { 0 };

	if (isatty(STDOUT_FILENO))
		return err_set(e, 0, "this is for another program: … | ncdu -f-");
	if (model_load(&m, &c->package, q->need | MODEL_PINS, e) < 0)
		return -1;
	query_select(q, &m, &id);
	d.shown = mem_alloc(m.n);
	d.shown[0] = 1;
	for (size_t i = 0; i < id.n; i++)
		for (uint32_t n = id.v[i]; !d.shown[n]; n = m.node[n].parent)
			d.shown[n] = 1;
	printf("[1,2,{\"progname\":\"cde-pkg\",\"progver\":\"%s\",\"timestamp\":%lld}",
	       VERSION, (long long)time(NULL));
	model_each(&m, 0, put_node, &d);
	for (; d.depth >= 0; d.depth--)
		putc(']', stdout);
	fputs("]\n", stdout);
	free(d.shown);
	vec_fini(&id);
	return 0;
}
