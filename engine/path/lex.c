#include "path/lex.h"

#include <string.h>

bool
path_under(const char *abs, const char *dir)
{
	size_t n = strlen(dir);

	while (n > 0 && dir[n - 1] == '/')
		n--;
	if (strncmp(abs, dir, n) != 0)
		return false;
	return abs[n] == '/' || (abs[n] == '\0' && n > 0);
}

const char *
path_rest(const char *abs, const char *dir)
{
	const char *rest = abs + strlen(dir);

	while (*rest == '/')
		rest++;
	return rest;
}

const char *
path_base(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash ? slash + 1 : name;
}

void
path_append(struct str *dir, const char *name)
{
	name += strspn(name, "/");
	if (*name == '\0')
		return;
	if (dir->len == 0 || dir->s[dir->len - 1] != '/')
		str_addc(dir, '/');
	str_add(dir, name);
}

void
path_to_parent(struct str *abs)
{
	size_t n = abs->len;

	while (n > 0 && abs->s[n - 1] != '/')
		n--;
	while (n > 1 && abs->s[n - 1] == '/')
		n--;
	str_trunc(abs, n);
}

/* Where `out` ends when its last component is taken away; `out` itself when that
 * is ".." or when there is none. */
static size_t
without_last(const char *s, size_t out, bool absolute)
{
	size_t n = out;

	if (n == 0 || (n == 1 && absolute))
		return out;
	while (n > 0 && s[n - 1] != '/')
		n--;
	if (out - n == 2 && s[n] == '.' && s[n + 1] == '.')
		return out;
	return n > 1 ? n - 1 : n;
}

void
path_clean(struct str *name)
{
	bool absolute = name->s[0] == '/';
	size_t in = 0, out = absolute;
	char *s = name->s;

	while (in < name->len) {
		size_t n;

		in += strspn(s + in, "/");
		n = strcspn(s + in, "/");
		if (n == 0)
			break;
		if (n == 2 && s[in] == '.' && s[in + 1] == '.') {
			size_t cut = without_last(s, out, absolute);

			if (cut != out || (absolute && out == 1)) {
				out = cut;
				in += n;
				continue;
			}
		}
		if (n != 1 || s[in] != '.') {
			if (out > 0 && s[out - 1] != '/')
				s[out++] = '/';
			memmove(s + out, s + in, n);
			out += n;
		}
		in += n;
	}
	if (out == 0)
		str_set(name, ".");
	else
		str_trunc(name, out);
}
