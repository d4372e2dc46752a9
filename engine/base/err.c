#include "base/err.h"

#include <string.h>

/* The arguments may point into e->text: build the new text apart. */
int
err_set(struct err *e, int code, const char *fmt, ...)
{
	AUTO(str_fini) struct str text = STR_INIT;
	char buf[128];
	va_list ap;

	if (!e)
		return -1;
	va_start(ap, fmt);
	str_vaddf(&text, fmt, ap);
	va_end(ap);
	e->code = code < 0 ? -code : code;
	if (e->code)
		str_addf(&text, ": %s", strerror_r(e->code, buf, sizeof(buf)));
	str_swap(&e->text, &text);
	return -1;
}

int
err_wrap(struct err *e, const char *fmt, ...)
{
	AUTO(str_fini) struct str text = STR_INIT;
	va_list ap;

	if (!e)
		return -1;
	va_start(ap, fmt);
	str_vaddf(&text, fmt, ap);
	va_end(ap);
	str_addf(&text, ": %s", e->text.s);
	str_swap(&e->text, &text);
	return -1;
}

void
err_clear(struct err *e)
{
	e->code = 0;
	str_clear(&e->text);
}

void
err_fini(struct err *e)
{
	e->code = 0;
	str_fini(&e->text);
}
