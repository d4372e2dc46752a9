#include "exec/streaming.h"

#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "path/lex.h"
#include "stream/stream.h"

static const char self[] = "/proc/self/exe";

bool
streaming_takes(struct streaming *x, const char *word)
{
	if (!x->wanted || !stream_is_remote(word))
		return false;
	x->remote = word;
	return true;
}

void
streaming_setup(const struct streaming *x, char *const *words)
{
	AUTO(err_fini) struct err e = ERR_INIT;

	if (!words[0] || words[1])
		log_die(EXIT_OURS, "--stream-setup REMOTE DIRECTORY (see cde-exec "
				   "--help)");
	if (stream_setup(x->setup, words[0], self, &e) < 0)
		log_die(EXIT_OURS, "%s", e.text.s);
	exit(EXIT_SUCCESS);
}

int
streaming_find(const struct streaming *x, struct str *package, struct err *e)
{
	AUTO(str_fini) struct str file = STR_INIT;

	if (!x->remote)
		return 0;
	str_set(&file, package->s);
	path_append(&file, STREAM_CONFIG);
	if (access(file.s, F_OK) == 0)
		return 0;
	return stream_own_workspace(x->remote, self, package, e);
}

int
streaming_open(const struct streaming *x, struct session *s, struct err *e)
{
	struct world *w = &s->world;

	if (!x->wanted && !stream_is_workspace(w->pkg))
		return 0;
	w->stream = stream_open(w->pkg, x->remote, x->offline, e);
	return w->stream ? 0 : err_wrap(e, "streaming");
}

void
streaming_begin(struct session *s, const char *program)
{
	if (s->world.stream)
		stream_prefetch(s->world.stream, program);
}

void
streaming_end(struct session *s)
{
	if (!s->world.stream)
		return;
	stream_save_profile(s->world.stream);
	stream_free(s->world.stream);
	s->world.stream = NULL;
}
