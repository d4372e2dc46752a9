#include "tree/script.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void
script_line_fini(struct script_line *s)
{
	str_fini(&s->interp);
	str_fini(&s->arg);
	s->has_arg = false;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Both look at from … last, last included. */
static const char *
next_non_blank(const char *from, const char *last)
{
	for (; from <= last; from++)
		if (!is_blank(*from))
			return from;
	return NULL;
}

static const char *
next_terminator(const char *from, const char *last)
{
	for (; from <= last; from++)
		if (is_blank(*from) || *from == '\0')
			return from;
	return NULL;
}

/* The kernel looks for the newline no further than the first NUL. */
static const char *
find_newline(const char *buf)
{
	const char *nul = memchr(buf, '\0', SCRIPT_HEAD);
	size_t n = nul ? (size_t)(nul - buf) : SCRIPT_HEAD;

	return memchr(buf, '\n', n);
}

/*
 * Where the line ends, or NULL.  Without a newline the interpreter's name must
 * be complete, an argument may be cut; the last byte of the buffer is lost to
 * the kernel's NUL, and blanks before a file's early end stay in the argument.
 */
static const char *
line_end(const char *buf)
{
	const char *last = buf + SCRIPT_HEAD - 1;
	const char *end = find_newline(buf);

	if (!end) {
		const char *name = next_non_blank(buf + 2, last);

		if (!name || !next_terminator(name, last))
			return NULL;
		end = last;
	}
	while (is_blank(end[-1]))
		end--;
	return end;
}

int
script_parse(const char *head, size_t n, struct script_line *out)
{
	char buf[SCRIPT_HEAD] = { 0 };
	const char *end, *name, *sep, *arg = NULL;

	if (n < 2 || head[0] != '#' || head[1] != '!')
		return 0;
	memcpy(buf, head, n < sizeof(buf) ? n : sizeof(buf));
	end = line_end(buf);
	if (!end)
		return -ENOEXEC;
	name = next_non_blank(buf + 2, end);
	if (!name || name == end)
		return -ENOEXEC;
	sep = next_terminator(name, end);
	if (sep && *sep != '\0')
		arg = next_non_blank(sep, end);
	buf[end - buf] = '\0';
	if (arg)
		buf[sep - buf] = '\0';
	str_set(&out->interp, name);
	str_set(&out->arg, arg ? arg : "");
	out->has_arg = arg != NULL;
	return 1;
}

bool
script_is_text(int fd)
{
	char head[SCRIPT_HEAD];
	ssize_t n = pread(fd, head, sizeof(head), 0);
	const char *end;

	if (n <= 0)
		return n == 0;
	if (n >= 4 && memcmp(head, "\177ELF", 4) == 0)
		return false;
	end = memchr(head, '\n', (size_t)n);
	return !memchr(head, 0, end ? (size_t)(end - head) : (size_t)n);
}
