#include "stream/remote.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fs.h"
#include "path/lex.h"
#include "stream/remote_priv.h"

static const char scheme[] = "sftp://";

enum { SLURP_MOST = 1 << 20 };

bool
remote_is_name(const char *word)
{
	struct stat st;

	return str_has_prefix(word, scheme) ||
	       (strchr(word, '/') && stat(word, &st) == 0 && S_ISDIR(st.st_mode));
}

static void
decode_path(struct str *out, const char *s)
{
	for (; *s; s++) {
		char hex[3] = { 0 };

		if (*s == '%' && s[1] && s[2]) {
			char *end;
			long c;

			memcpy(hex, s + 1, 2);
			c = strtol(hex, &end, 16);
			if (!*end && c) {
				str_addc(out, (char)c);
				s += 2;
				continue;
			}
		}
		str_addc(out, *s);
	}
}

/* [user@]host[:port]/path, host also as [v6]. */
static int
parse_url(struct remote *r, const char *url, struct err *e)
{
	const char *rest = url + strlen(scheme), *slash = strchrnul(rest, '/'), *at, *end;

	at = memchr(rest, '@', (size_t)(slash - rest));
	if (at) {
		str_setn(&r->user, rest, (size_t)(at - rest));
		rest = at + 1;
	}
	if (*rest == '[' && (end = memchr(rest, ']', (size_t)(slash - rest)))) {
		str_setn(&r->host, rest + 1, (size_t)(end - rest - 1));
		end++;
	} else {
		end = memchr(rest, ':', (size_t)(slash - rest));
		if (!end)
			end = slash;
		str_setn(&r->host, rest, (size_t)(end - rest));
	}
	if (*end == ':')
		str_setn(&r->port, end + 1, (size_t)(slash - end - 1));
	else if (end != slash)
		return err_set(e, 0, "%s: not [user@]host[:port]/path", url);
	if (!r->host.len || r->host.s[0] == '-' || r->user.s[0] == '-' ||
	    r->port.s[strspn(r->port.s, "0123456789")])
		return err_set(e, 0, "%s: not [user@]host[:port]/path", url);
	decode_path(&r->root, slash);
	if (!*slash)
		str_addc(&r->root, '/');
	path_clean(&r->root);
	if (r->root.len == 1)
		str_clear(&r->root);
	str_set(&r->server, r->host.s);
	return 0;
}

static int
open_dir(struct remote *r, const char *where, struct err *e)
{
	r->local = true;
	str_set(&r->server, where);
	r->rootfd = open(where, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return r->rootfd < 0 ? err_set(e, errno, "%s", where) : 0;
}

struct remote *
remote_new(const char *where, const char *ssh, struct err *e)
{
	struct remote *r = mem_alloc(sizeof(*r));

	*r = (struct remote){ .root = STR_INIT,
			      .server = STR_INIT,
			      .host = STR_INIT,
			      .user = STR_INIT,
			      .port = STR_INIT,
			      .ssh = STR_INIT,
			      .rootfd = -1 };
	str_set(&r->ssh, ssh && *ssh ? ssh : "ssh");
	if ((str_has_prefix(where, scheme) ? parse_url(r, where, e)
					   : open_dir(r, where, e)) == 0)
		return r;
	remote_free(r);
	return NULL;
}

void
remote_free(struct remote *r)
{
	if (!r)
		return;
	line_free(r->line);
	fd_drop(&r->rootfd);
	str_fini(&r->root);
	str_fini(&r->server);
	str_fini(&r->host);
	str_fini(&r->user);
	str_fini(&r->port);
	str_fini(&r->ssh);
	free(r);
}

const char *
remote_server(const struct remote *r)
{
	return r->server.s;
}

bool
remote_is_parallel(const struct remote *r)
{
	return !r->local;
}

/* What the user's ssh is told: no screen, no agent, no tunnels; and notice within
 * half a minute that the server has gone. */
static const char *const ssh_options[] = {
	"-x",
	"-a",
	"-T",
	"-oClearAllForwardings=yes",
	"-oPermitLocalCommand=no",
	"-oLogLevel=ERROR",
	"-oConnectTimeout=10",
	"-oServerAliveInterval=10",
	"-oServerAliveCountMax=3",
};

static int
connect_sftp(struct remote *r, struct err *e)
{
	AUTO(str_fini) struct str words = STR_INIT;
	VEC(char *) argv = { 0 };
	char *save = NULL;

	int done;

	if (!r->line)
		r->line = line_new(r->root.s);
	if (line_is_open(r->line))
		return 0;
	str_set(&words, r->ssh.s);
	for (char *w = strtok_r(words.s, " \t", &save); w;
	     w = strtok_r(NULL, " \t", &save))
		vec_push(&argv, w);
	for (size_t i = 0; i < ARRAY_SIZE(ssh_options); i++)
		vec_push(&argv, (char *)ssh_options[i]);
	if (r->compress)
		vec_push(&argv, (char *)"-oCompression=yes");
	if (r->port.len) {
		vec_push(&argv, (char *)"-p");
		vec_push(&argv, r->port.s);
	}
	if (r->user.len) {
		vec_push(&argv, (char *)"-l");
		vec_push(&argv, r->user.s);
	}
	vec_push(&argv, (char *)"-s");
	vec_push(&argv, (char *)"--");
	vec_push(&argv, r->host.s);
	vec_push(&argv, (char *)"sftp");
	vec_push(&argv, NULL);
	done = line_start(r->line, argv.v, e);
	vec_fini(&argv);
	return done;
}

void
remote_compress(struct remote *r, bool on)
{
	r->compress = on;
}

int
remote_list(struct remote *r, struct remote_list *v, size_t n, struct err *e)
{
	struct run run = { .list = v, .n = n, .rank = LINE_NOW };
	int done;

	if (r->local || !n)
		return dir_list(r, v, n, e);
	for (int i = 0; i < 2; i++) {
		if (connect_sftp(r, e) < 0)
			return -1;
		for (size_t k = 0; k < n; k++) {
			v[k].error = 0;
			names_fini(&v[k].names);
		}
		line_add(r->line, &run);
		done = line_wait(r->line, &run, e);
		/* One that has stood idle may have died meanwhile: once more with a new one. */
		if (done == 0 || !run.had_answers)
			break;
		if (i == 0)
			err_clear(e);
	}
	return done;
}

int
remote_fetch(struct remote *r, struct remote_fetch *v, size_t n,
	     const struct remote_sink *sink, struct err *e)
{
	struct run run = { .fetch = v, .n = n, .sink = sink, .rank = LINE_NOW };

	if (r->local || !n)
		return dir_fetch(r, v, n, sink, e);
	if (connect_sftp(r, e) < 0)
		return -1;
	line_add(r->line, &run);
	return line_wait(r->line, &run, e);
}

bool
remote_begin(struct remote *r, struct run *run)
{
	AUTO(err_fini) struct err e = ERR_INIT;

	if (r->local || connect_sftp(r, &e) < 0)
		return false;
	line_add(r->line, run);
	return true;
}

void
remote_hurry(struct remote *r, struct run *run, enum line_rank rank)
{
	line_hurry(r->line, run, rank);
}

void
remote_close(struct remote *r)
{
	line_free(r->line);
	r->line = NULL;
}

int
remote_check_list(const struct remote_list *root, struct err *e)
{
	if (root->error)
		return err_set(e, -root->error, "its directory");
	return root->names.map.n ? 0
				 : err_set(e, 0, "its directory is empty (not mounted?)");
}

int
remote_check(struct remote *r, struct err *e)
{
	struct remote_list root = { .dir = "/" };
	int done = remote_list(r, &root, 1, e);

	if (done == 0)
		done = remote_check_list(&root, e);
	names_fini(&root.names);
	return done;
}

static int
slurp_begin(void *ctx, struct remote_fetch *f)
{
	f->fd = memfd_create("cde-stream", MFD_CLOEXEC);
	return f->fd < 0 ? -errno : 0;
}

static void
slurp_end(void *ctx, struct remote_fetch *f)
{
}

static void
slurp_bytes(void *ctx, size_t n)
{
}

int
remote_slurp(struct remote *r, const char *path, struct str *out, struct err *e)
{
	const struct remote_sink sink = { slurp_begin, slurp_end, slurp_bytes, NULL };
	struct remote_fetch f = { .path = path, .fd = -1, .most = SLURP_MOST };
	int done = remote_fetch(r, &f, 1, &sink, e);

	str_clear(out);
	if (done == 0 && f.error == 0 && lseek(f.fd, 0, SEEK_SET) == 0)
		f.error = fd_read_all(f.fd, out);
	fd_drop(&f.fd);
	return done < 0 ? -1 : f.error;
}
