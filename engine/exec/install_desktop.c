#include <string.h>

#include "exec/install.h"

/* Two levels: an argument in double quotes, in a value with backslash escapes; and % is
 * doubled. */
void
desktop_add_quoted(struct str *out, const char *word)
{
	str_addc(out, '"');
	for (; *word; word++) {
		if (*word == '%')
			str_addc(out, '%');
		if (*word == '\\')
			str_add(out, "\\\\\\");
		else if (strchr("\"`$", *word))
			str_add(out, "\\\\");
		str_addc(out, *word);
	}
	str_addc(out, '"');
}

/* The first word of an Exec value; returns what follows it. */
static const char *
first_word(const char *value, struct str *word)
{
	bool quoted = false;

	str_clear(word);
	for (; *value && (quoted || (*value != ' ' && *value != '\t')); value++) {
		if (*value == '"')
			quoted = !quoted;
		else if (*value == '\\' && value[1])
			str_addc(word, *++value);
		else
			str_addc(word, *value);
	}
	return value;
}

static bool
rewrite_exec(const char *value, const struct desktop_view *v, struct str *out)
{
	AUTO(str_fini) struct str word = STR_INIT;
	const char *rest = first_word(value, &word);

	if (!v->program(v->ctx, word.s, out))
		return false;
	str_add(out, rest);
	return true;
}

/* One line "KEY=VALUE"; false: the whole file is of no use. */
static bool
rewrite_line(const char *line, const struct desktop_view *v, struct str *out,
	     bool *starts)
{
	if (str_has_prefix(line, "Exec=")) {
		str_add(out, "Exec=");
		*starts = true;
		return rewrite_exec(line + strlen("Exec="), v, out);
	}
	if (str_has_prefix(line, "TryExec=") || str_has_prefix(line, "DBusActivatable="))
		return true; /* it is there, and not by D-Bus */
	if (str_has_prefix(line, "Icon=")) {
		AUTO(str_fini) struct str icon = STR_INIT;

		if (v->icon(v->ctx, line + strlen("Icon="), &icon)) {
			str_addf(out, "Icon=%s", icon.s);
			return true;
		}
	}
	str_add(out, line);
	return true;
}

bool
desktop_rewrite(const char *text, const struct desktop_view *v, struct str *out)
{
	AUTO(str_fini) struct str line = STR_INIT;
	bool starts = false;
	size_t before;

	for (size_t n; *text; text += n + (text[n] != 0)) {
		n = strcspn(text, "\n");
		str_setn(&line, text, n);
		while (line.len &&
		       (line.s[line.len - 1] == '\r' || line.s[line.len - 1] == ' '))
			str_trunc(&line, line.len - 1);
		before = out->len;
		if (!rewrite_line(line.s, v, out, &starts))
			return false;
		if (out->len > before || !line.len)
			str_addc(out, '\n');
	}
	return starts;
}
