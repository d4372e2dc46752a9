#include "base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/str.h"

static const char *log_program = "cde";
static bool log_verbose;
void (*log_bug_hook)(void);

void
log_init(const char *program, bool verbose)
{
	log_program = program;
	log_verbose = verbose;
}

void
log_set_verbose(bool verbose)
{
	log_verbose = verbose;
}

bool
log_is_verbose(void)
{
	return log_verbose;
}

/* A file name in the message must not steer the terminal. */
static void
add_tame(struct str *line, const struct str *text)
{
	for (size_t i = 0; i < text->len; i++) {
		unsigned char c = (unsigned char)text->s[i];

		if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
			str_addf(line, "\\x%02x", c);
		else
			str_addc(line, (char)c);
	}
}

static void PRINTF(1, 0) log_line(const char *fmt, va_list ap)
{
	AUTO(str_fini) struct str text = STR_INIT, line = STR_INIT;

	str_vaddf(&text, fmt, ap);
	str_addf(&line, "%s: ", log_program);
	add_tame(&line, &text);
	str_addc(&line, '\n');
	fd_write_all(STDERR_FILENO, line.s, line.len);
}

void
log_error(const char *fmt, ...)
{
	int saved = errno;
	va_list ap;

	va_start(ap, fmt);
	log_line(fmt, ap);
	va_end(ap);
	errno = saved;
}

void
log_debug(const char *fmt, ...)
{
	int saved = errno;
	va_list ap;

	if (!log_verbose)
		return;
	va_start(ap, fmt);
	log_line(fmt, ap);
	va_end(ap);
	errno = saved;
}

void
log_die(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(fmt, ap);
	va_end(ap);
	exit(status);
}

void
log_bug(const char *what, const char *file, int line)
{
	log_error("internal error: %s (%s:%d)", what, file, line);
	if (log_bug_hook)
		log_bug_hook();
	abort();
}
