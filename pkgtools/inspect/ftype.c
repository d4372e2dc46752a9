#include "inspect/ftype.h"

#include <errno.h>
#include <magic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inspect/ftype_priv.h"
#include "path/lex.h"
#include "tree/script.h"

enum { HEAD = 64 << 10 };

struct ftyper {
	magic_t magic; /* NULL: not opened yet */
	bool failed;
	char *head;
};

void
ftype_fini(struct ftype *t)
{
	for (size_t i = 0; i < t->fact.n; i++)
		free(t->fact.v[i].value);
	vec_fini(&t->fact);
	str_fini(&t->mime);
	str_fini(&t->words);
	t->type = "";
}

void
ftype_fact_add(struct ftype *t, const char *key, const char *value, size_t len)
{
	struct ftype_fact f = { .key = key, .value = mem_alloc(len + 1) };

	memcpy(f.value, value, len);
	vec_push(&t->fact, f);
}

struct ftyper *
ftyper_new(void)
{
	struct ftyper *f = mem_alloc(sizeof(*f));

	f->head = mem_alloc(HEAD);
	return f;
}

void
ftyper_free(struct ftyper *f)
{
	if (f->magic)
		magic_close(f->magic);
	free(f->head);
	free(f);
}

const char *
ftype_of_kind(char kind)
{
	switch (kind) {
	case 'd':
		return "dir";
	case 'l':
		return "link";
	case 'p':
		return "fifo";
	case 's':
		return "socket";
	case 'c':
	case 'b':
		return "device";
	default:
		return "";
	}
}

static bool
open_magic(struct ftyper *f)
{
	if (f->magic || f->failed)
		return !f->failed;
	f->magic = magic_open(MAGIC_NONE);
	f->failed = !f->magic || magic_load(f->magic, NULL) != 0;
	return !f->failed;
}

static void
ask_magic(struct ftyper *f, size_t n, struct ftype *out)
{
	const char *text;

	if (!open_magic(f))
		return;
	magic_setflags(f->magic, MAGIC_MIME_TYPE);
	if ((text = magic_buffer(f->magic, f->head, n)))
		str_set(&out->mime, text);
	magic_setflags(f->magic, MAGIC_NONE);
	if ((text = magic_buffer(f->magic, f->head, n)))
		str_set(&out->words, text);
}

/* The beginning of a word decides; the first row that fits. */
struct word_type {
	const char *begin, *type;
};

static const char *
lookup(const struct word_type *table, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (str_has_prefix(word, table[i].begin))
			return table[i].type;
	return NULL;
}

static const char *
of_interpreter(const char *name)
{
	static const struct word_type table[] = {
		{ "python", "python" }, { "pypy", "python" }, { "perl", "perl" },
		{ "ruby", "ruby" },	{ "node", "node" },   { "sh", "shell" },
		{ "bash", "shell" },	{ "dash", "shell" },  { "zsh", "shell" },
		{ "ksh", "shell" },	{ "java", "java" },
	};

	return lookup(table, ARRAY_SIZE(table), name) ?: "script";
}

static const char *
of_suffix(const char *path)
{
	static const char *const table[][2] = {
		{ ".py", "python" }, { ".pyc", "python" }, { ".pyi", "python" },
		{ ".pl", "perl" },   { ".pm", "perl" },	   { ".rb", "ruby" },
		{ ".js", "node" },   { ".mjs", "node" },   { ".cjs", "node" },
		{ ".sh", "shell" },  { ".jar", "java" },   { ".class", "java" },
		{ ".jmod", "java" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (str_has_suffix(path, table[i][0]))
			return table[i][1];
	return NULL;
}

static const char *
of_mime(const char *mime)
{
	static const struct word_type table[] = {
		{ "text/x-script.python", "python" },
		{ "text/x-python", "python" },
		{ "text/x-perl", "perl" },
		{ "text/x-shellscript", "shell" },
		{ "text/x-ruby", "ruby" },
		{ "text/", "text" },
		{ "image/", "image" },
		{ "audio/", "audio" },
		{ "video/", "video" },
		{ "font/", "font" },
		{ "application/json", "text" },
		{ "application/xml", "text" },
		{ "application/javascript", "node" },
		{ "application/zip", "archive" },
		{ "application/gzip", "archive" },
		{ "application/x-tar", "archive" },
		{ "application/x-xz", "archive" },
		{ "application/zstd", "archive" },
		{ "application/x-bzip2", "archive" },
		{ "application/x-archive", "archive" },
		{ "application/x-7z", "archive" },
		{ "application/x-cpio", "archive" },
		{ "application/java-archive", "java" },
		{ "application/x-java", "java" },
		{ "application/pdf", "document" },
		{ "application/postscript", "document" },
		{ "application/vnd.ms-", "document" },
		{ "application/vnd.oasis", "document" },
		{ "application/vnd.openxml", "document" },
		{ "application/vnd.sqlite3", "database" },
		{ "application/x-sqlite3", "database" },
		{ "application/x-dbm", "database" },
		{ "application/font", "font" },
		{ "application/vnd.ms-opentype", "font" },
		{ "application/x-bytecode.python", "python" },
	};

	return lookup(table, ARRAY_SIZE(table), mime) ?: "data";
}

/* "/usr/bin/env -S python3 -u" starts python3. */
static void
script(const struct script_line *line, struct ftype *out)
{
	AUTO(str_fini) struct str word = STR_INIT;
	const char *at = line->arg.s;

	ftype_fact_add(out, "script.interp", line->interp.s, line->interp.len);
	str_set(&word, path_base(line->interp.s));
	if (strcmp(word.s, "env") == 0 && line->has_arg) {
		while (*at == '-' || strcspn(at, " \t=") < strcspn(at, " \t")) {
			at += strcspn(at, " \t"); /* options, NAME=VALUE */
			at += strspn(at, " \t");
		}
		str_setn(&word, at, strcspn(at, " \t"));
		str_set(&word, path_base(word.s));
	}
	out->type = of_interpreter(word.s);
}

static bool
is_name(char c)
{
	return c == '_' || c == '.' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z');
}

static const char *
skip_blanks(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t' || *at == '('))
		at++;
	return at;
}

/* "a.b, c as d": a.b and c, each behind `prefix`. */
static void
import_list(const char *at, const char *end, const char *prefix, struct ftype *out)
{
	while ((at = skip_blanks(at, end)) < end) {
		AUTO(str_fini) struct str name = STR_INIT;
		const char *from = at;

		while (at < end && is_name(*at))
			at++;
		if (at == from || *from == '.')
			return;
		str_add(&name, prefix);
		str_addn(&name, from, (size_t)(at - from));
		ftype_fact_add(out, "python.import", name.s, name.len);
		at = memchr(at, ',', (size_t)(end - at));
		if (!at)
			return;
		at++;
	}
}

/* "a.b import c, d": a.b, and a.b.c and a.b.d, which may be modules, too. */
static void
import_from(const char *at, const char *end, struct ftype *out)
{
	AUTO(str_fini) struct str module = STR_INIT;
	const char *from = at = skip_blanks(at, end);

	while (at < end && is_name(*at))
		at++;
	if (at == from || *from == '.')
		return;
	ftype_fact_add(out, "python.import", from, (size_t)(at - from));
	str_setn(&module, from, (size_t)(at - from));
	str_addc(&module, '.');
	at = skip_blanks(at, end);
	if (end - at > 7 && memcmp(at, "import ", 7) == 0)
		import_list(at + 7, end, module.s, out);
}

void
ftype_imports(const char *text, size_t len, struct ftype *out)
{
	const char *end = text + len, *line = text, *stop;

	for (; line < end && out->fact.n < 1000; line = stop + 1) {
		const char *at = skip_blanks(line, end);

		stop = memchr(line, '\n', (size_t)(end - line));
		if (!stop)
			stop = end;
		if (stop - at > 7 && memcmp(at, "import ", 7) == 0)
			import_list(at + 7, stop, "", out);
		else if (stop - at > 5 && memcmp(at, "from ", 5) == 0)
			import_from(at + 5, stop, out);
	}
}

static ssize_t
read_head(int fd, char *buf)
{
	ssize_t n;

	do
		n = pread(fd, buf, HEAD, 0);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

int
ftype_read(struct ftyper *f, int fd, uint64_t size, const char *path, struct ftype *out)
{
	AUTO(script_line_fini) struct script_line line = SCRIPT_LINE_INIT;
	ssize_t n = read_head(fd, f->head);
	const char *by_name = of_suffix(path);

	if (n < 0)
		return (int)n;
	if (n == 0) {
		out->type = "empty";
		str_set(&out->mime, "inode/x-empty");
		str_set(&out->words, "empty");
		return 0;
	}
	ask_magic(f, (size_t)n, out);
	if (ftype_elf(fd, size, out))
		return 0;
	if (script_parse(f->head, n < SCRIPT_HEAD ? (size_t)n : SCRIPT_HEAD, &line) == 1)
		script(&line, out);
	if (by_name)
		out->type = by_name;
	else if (!out->type[0])
		out->type = of_mime(out->mime.s);
	if (strcmp(out->type, "python") == 0 && !str_has_suffix(path, ".pyc"))
		ftype_imports(f->head, (size_t)n, out);
	return 0;
}
