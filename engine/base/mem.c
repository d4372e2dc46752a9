#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

/* Must not allocate, hence no log_die. */
void
mem_die(void)
{
	static const char text[] = "cde: out of memory\n";

	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(EXIT_OURS);
	_exit(EXIT_OURS);
}

void *
mem_alloc(size_t size)
{
	void *p = calloc(1, size ? size : 1);

	if (!p)
		mem_die();
	return p;
}

void *
mem_resize(void *old, size_t count, size_t each)
{
	size_t size;
	void *p;

	if (__builtin_mul_overflow(count, each, &size))
		mem_die();
	p = realloc(old, size ? size : 1);
	if (!p)
		mem_die();
	return p;
}

void *
mem_dup(const void *data, size_t size)
{
	void *p = mem_alloc(size);

	if (size)
		memcpy(p, data, size);
	return p;
}

char *
mem_strdup(const char *s)
{
	return mem_dup(s, strlen(s) + 1);
}

void
mem_free(void *pp)
{
	void **p = pp;

	free(*p);
	*p = NULL;
}
