#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "path/lex.h"
#include "tree/layout.h"

/*
 * cde.log, written and read.  A command whose name starts with "-" gets a "--"
 * before it, so that cde-exec does not take it for an option.
 */

static const char operators[] = "()&|;<>";

static int
append_text(struct layout *l, const struct str *text)
{
	AUTO(fd_drop)
	int fd = openat(l->dirfd, PKG_LOG,
			O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);

	return fd < 0 ? -errno : fd_write_all(fd, text->s, text->len);
}

int
layout_log_command(struct layout *l, const char *cwd, char *const *argv, struct err *e)
{
	AUTO(str_fini) struct str line = STR_INIT;
	AUTO(str_fini) struct str dir = STR_INIT;
	int r;

	str_set(&dir, PKG_ROOT);
	if (cwd[1])
		str_add(&dir, cwd);
	str_add(&line, "(cd ");
	str_add_quoted(&line, dir.s);
	str_add(&line, " && ");
	for (const char *p = dir.s; p; p = strchr(p + 1, '/'))
		str_add(&line, "../");
	str_add(&line, PKG_EXEC);
	if (argv[0] && argv[0][0] == '-')
		str_add(&line, " --");
	for (; *argv; argv++) {
		str_addc(&line, ' ');
		str_add_quoted(&line, *argv);
	}
	str_add(&line, ")\n");
	r = append_text(l, &line);
	return r < 0 ? err_set(e, -r, "%s/" PKG_LOG, l->dir.s) : 0;
}

void
log_command_fini(struct log_command *c)
{
	for (size_t i = 0; i < c->argv.n; i++)
		free(c->argv.v[i]);
	vec_fini(&c->argv);
	str_fini(&c->cwd);
}

struct scan {
	const char *p, *end;
	unsigned line; /* of p, from 1 */
	struct str word;
};

static void
scan_fini(struct scan *s)
{
	str_fini(&s->word);
}

static void
skip_blanks(struct scan *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t'))
		s->p++;
}

/* Blank lines and comments may have been added by hand. */
static void
skip_lines(struct scan *s)
{
	for (;;) {
		skip_blanks(s);
		if (s->p < s->end && *s->p == '#') {
			const char *nl = memchr(s->p, '\n', (size_t)(s->end - s->p));

			s->p = nl ? nl : s->end;
		}
		if (s->p == s->end || *s->p != '\n')
			return;
		s->p++;
		s->line++;
	}
}

static bool
take(struct scan *s, const char *text)
{
	size_t n = strlen(text);

	skip_blanks(s);
	if ((size_t)(s->end - s->p) < n || memcmp(s->p, text, n) != 0)
		return false;
	s->p += n;
	return true;
}

/* '…', up to and with the second quote. */
static bool
scan_quoted(struct scan *s)
{
	const char *from = s->p + 1;
	const char *to = memchr(from, '\'', (size_t)(s->end - from));

	if (!to)
		return false;
	for (const char *p = from; p < to; p++)
		s->line += *p == '\n';
	str_addn(&s->word, from, (size_t)(to - from));
	s->p = to + 1;
	return true;
}

/* One word, into s->word: plain, '…' and \c parts, in any order. */
static bool
scan_word(struct scan *s)
{
	const char *start;

	skip_blanks(s);
	str_clear(&s->word);
	for (start = s->p; s->p < s->end;) {
		if (*s->p == '\'') {
			if (!scan_quoted(s))
				return false;
			continue;
		}
		if (strchr(" \t\n", *s->p) || strchr(operators, *s->p))
			break; /* finds NUL as well: ends the word, fits nowhere */
		if (strchr("\"$`*?[~", *s->p))
			return false; /* we never write these outside of quotes */
		if (*s->p == '\\' && (++s->p == s->end || *s->p == '\n' || !*s->p))
			return false;
		str_addc(&s->word, *s->p++);
	}
	return s->p > start && !memchr(s->word.s, '\0', s->word.len);
}

static bool
scan_cwd(struct scan *s, struct log_command *c)
{
	if (!take(s, "(") || !take(s, "cd ") || !scan_word(s))
		return false;
	if (!path_under(s->word.s, PKG_ROOT) || !take(s, "&&"))
		return false;
	str_set(&c->cwd, "/");
	path_append(&c->cwd, path_rest(s->word.s, PKG_ROOT));
	return true;
}

static bool
scan_argv(struct scan *s, struct log_command *c)
{
	if (!scan_word(s) || !str_has_prefix(s->word.s, "../") ||
	    !str_has_suffix(s->word.s, "/" PKG_EXEC))
		return false;
	for (bool first = true; !take(s, ")"); first = false) {
		if (!scan_word(s))
			return false;
		if (first && s->word.s[0] == '-') {
			if (strcmp(s->word.s, "--") != 0)
				return false;
			continue;
		}
		vec_push(&c->argv, mem_strdup(s->word.s));
	}
	if (c->argv.n == 0)
		return false;
	vec_push(&c->argv, NULL);
	skip_blanks(s);
	return s->p == s->end || *s->p == '\n';
}

static void
command_clear(struct log_command *c)
{
	log_command_fini(c);
	*c = (struct log_command)LOG_COMMAND_INIT;
}

int
layout_read_command(struct layout *l, unsigned n, struct log_command *out, struct err *e)
{
	AUTO(str_fini) struct str text = STR_INIT;
	AUTO(scan_fini) struct scan s = { .line = 1, .word = STR_INIT };
	unsigned count = 0;

	if (fs_slurp(l->dirfd, PKG_LOG, &text, e) < 0)
		return err_wrap(e, "%s", l->dir.s);
	s.p = text.s;
	s.end = text.s + text.len;
	for (skip_lines(&s); s.p < s.end; skip_lines(&s)) {
		unsigned line = s.line;

		command_clear(out);
		if (!scan_cwd(&s, out) || !scan_argv(&s, out)) {
			command_clear(out);
			return err_set(e, 0,
				       "%s/" PKG_LOG ":%u: not a command as cde "
				       "writes it: (cd cde-root/DIR && ../cde-exec CMD)",
				       l->dir.s, line);
		}
		if (++count == n)
			return 0;
	}
	if (n == 0 && count > 0)
		return 0;
	command_clear(out);
	return err_set(e, 0, "%s/" PKG_LOG ": no command %u, it has %u", l->dir.s,
		       n ? n : 1, count);
}
