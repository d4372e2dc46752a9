/*
 * Names of one search are one thing: what PATH, ld.so, Python's import, locales and
 * terminfo try one after the other.
 */
#include <ctype.h>
#include <string.h>

#include "inspect/missing.h"
#include "path/lex.h"

/* "libm.so.6", "_json.so", "libLLVM-14.so.1". */
static bool
is_library(const char *base)
{
	const char *so = strstr(base, ".so");

	return so && so != base && (!so[3] || (so[3] == '.' && isdigit(so[4])));
}

static bool
is_in_list(const char *list, const char *dir, size_t len)
{
	while (list && *list) {
		size_t n = strcspn(list, ":");

		if (n == len && memcmp(list, dir, len) == 0)
			return true;
		list += n + (list[n] == ':');
	}
	return false;
}

static bool
is_python(const char *path, const char *program)
{
	return (program && str_has_prefix(path_base(program), "python")) ||
	       str_has_suffix(path, ".py") || strstr(path, ".cpython-") ||
	       strstr(path, "/python") || strstr(path, "-packages/");
}

/* Length of the module's own name, 0: that is no name of a module. */
static size_t
module_stem(const char *base)
{
	static const char *const suffix[] = { ".py", ".pyc", ".pyi", ".so" };
	size_t n = strcspn(base, ".");

	for (size_t i = 0; i < ARRAY_SIZE(suffix); i++)
		if (strcmp(base + n, suffix[i]) == 0)
			return n;
	if (str_has_suffix(base, ".so") || str_has_suffix(base, ".pyc"))
		return str_has_prefix(base + n, ".cpython-") ||
				       str_has_prefix(base + n, ".abi3.") ||
				       str_has_prefix(base + n, ".pypy")
			       ? n
			       : 0;
	return 0;
}

/* "/usr/lib/python3.11/json/__pycache__/decoder.cpython-311.pyc" → "json.decoder". */
static bool
name_module(const struct missing_names *n, const char *path, const char *program,
	    struct str *name)
{
	AUTO(str_fini) struct str dir = STR_INIT;
	const char *base = path_base(path);
	size_t stem = module_stem(base);

	if (!stem || str_has_prefix(base, "lib") || !is_python(path, program))
		return false;
	str_set(&dir, path);
	path_to_parent(&dir);
	if (strcmp(path_base(dir.s), "__pycache__") == 0)
		path_to_parent(&dir);
	if (stem == strlen("__init__") && memcmp(base, "__init__", stem) == 0) {
		str_set(name, path_base(dir.s));
		path_to_parent(&dir);
	} else {
		str_setn(name, base, stem);
	}
	while (dir.len > 1 && n->is_package && n->is_package(n->ctx, dir.s)) {
		AUTO(str_fini) struct str longer = STR_INIT;

		str_addf(&longer, "%s.%s", path_base(dir.s), name->s);
		str_swap(name, &longer);
		path_to_parent(&dir);
	}
	return true;
}

/* "…/locale/en_US.UTF-8/LC_TIME", "…/locale/en/LC_MESSAGES/x.mo": the territory, code set
 * and modifier are tried and left out. */
static bool
name_locale(const char *path, struct str *name)
{
	const char *at = strstr(path, "/locale/"), *rest;

	if (!at)
		return false;
	at += strlen("/locale/");
	rest = strchr(at, '/');
	if (!rest || strncmp(rest, "/LC_", 4) != 0)
		return false;
	str_setn(name, at, strcspn(at, "_.@/"));
	str_add(name, rest);
	return true;
}

static bool
name_terminal(const char *path, struct str *name)
{
	const char *at = strstr(path, "/terminfo/");

	if (!at || strlen(at += strlen("/terminfo/")) < 3 || !strchr(at, '/'))
		return false;
	str_set(name, path_base(at));
	return true;
}

static enum missing_kind
kind_of(const struct missing_names *n, const char *path, const char *program,
	struct str *name)
{
	const char *base = path_base(path);

	if (name_module(n, path, program, name))
		return MISSING_MODULE;
	if (name_locale(path, name))
		return MISSING_LOCALE;
	if (name_terminal(path, name))
		return MISSING_TERMINAL;
	str_set(name, base);
	if (is_library(base))
		return MISSING_LIBRARY;
	if (*base && base > path + 1 &&
	    is_in_list(n->search, path, (size_t)(base - path) - 1))
		return MISSING_PROGRAM;
	str_set(name, path);
	return MISSING_PATH;
}

enum missing_kind
missing_name(const struct missing_names *n, const char *path, const char *program,
	     struct str *key, struct str *name)
{
	enum missing_kind k = kind_of(n, path, program, name);

	str_clear(key);
	str_addf(key, "%d ", (int)k);
	str_addn(key, name->s, name->len);
	return k;
}

const char *
missing_mark(enum missing_severity s)
{
	static const char *const mark[] = { "-", "!", "!!", "!!!" };

	return mark[s];
}

const char *
missing_word(enum missing_kind k)
{
	static const char *const word[MISSING_KINDS] = {
		[MISSING_PATH] = "path",       [MISSING_LIBRARY] = "library",
		[MISSING_PROGRAM] = "program", [MISSING_MODULE] = "module",
		[MISSING_LOCALE] = "locale",   [MISSING_TERMINAL] = "terminal",
	};

	return word[k];
}

void
missing_reason(const struct missing_thing *x, struct str *out)
{
	static const char *const text[MISSING_WHYS] = {
		[MISSING_PROBED] = "not found at capture, either",
		[MISSING_UNKNOWN] = "not asked for at capture",
		[MISSING_HOST] = "not asked for at capture; this machine has it",
		[MISSING_DENIED] = "a rule hides it",
		[MISSING_UNREADABLE] = "could not be read or stored at capture",
		[MISSING_NAME_ONLY] = "only its name was captured",
		[MISSING_NEEDED] = "needed",
		[MISSING_DROPPED] = "was dropped from the package",
		[MISSING_GONE] = "was captured, and is not in the package any more",
	};

	str_add(out, text[x->why]);
	if (*x->needer)
		str_addf(out, "%s by %s", x->why == MISSING_NEEDED ? "" : "; needed",
			 x->needer);
}
