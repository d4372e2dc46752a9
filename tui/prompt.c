#include "prompt.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "crop.h"
#include "inspect/text.h"

enum { PROMPT_MOST = 4096 };

void
prompt_open(struct prompt *p, enum prompt_kind kind, const char *label, const char *text)
{
	p->kind = kind;
	p->label = label;
	p->error_at = -1;
	str_clear(&p->error);
	prompt_set(p, text);
}

void
prompt_close(struct prompt *p)
{
	p->kind = PROMPT_NONE;
	str_clear(&p->error);
}

void
prompt_fini(struct prompt *p)
{
	str_fini(&p->text);
	str_fini(&p->error);
}

void
prompt_set(struct prompt *p, const char *text)
{
	str_set(&p->text, text);
	p->caret = p->text.len;
}

static void
cut(struct prompt *p, size_t from, size_t to)
{
	memmove(p->text.s + from, p->text.s + to, p->text.len - to + 1);
	p->text.len -= to - from;
	p->caret = from;
}

/* Byte offset of the character before, or behind, the caret. */
static size_t
before(const struct prompt *p)
{
	size_t i = p->caret;

	while (i && (p->text.s[--i] & 0xc0) == 0x80)
		;
	return i;
}

static size_t
behind(const struct prompt *p)
{
	size_t i = p->caret;

	if (i < p->text.len)
		i++;
	while (i < p->text.len && (p->text.s[i] & 0xc0) == 0x80)
		i++;
	return i;
}

static void
insert(struct prompt *p, uint32_t key)
{
	AUTO(str_fini) struct str s = STR_INIT;
	size_t at = p->caret;

	if (p->text.len >= PROMPT_MOST)
		return;
	str_addn(&s, p->text.s, at);
	if (key < 0x80) {
		str_addc(&s, (char)key);
	} else {
		if (key >= 0x10000)
			str_addc(&s, (char)(0xf0 | key >> 18));
		if (key >= 0x800)
			str_addc(&s, (char)(key >= 0x10000 ? 0x80 | (key >> 12 & 63)
							   : 0xe0 | key >> 12));
		str_addc(&s,
			 (char)(key >= 0x800 ? 0x80 | (key >> 6 & 63) : 0xc0 | key >> 6));
		str_addc(&s, (char)(0x80 | (key & 63)));
	}
	p->caret = s.len;
	str_addn(&s, p->text.s + at, p->text.len - at);
	str_swap(&s, &p->text);
}

static size_t
word_before(const struct prompt *p)
{
	size_t i = p->caret;

	while (i && p->text.s[i - 1] == ' ')
		i--;
	while (i && p->text.s[i - 1] != ' ' && p->text.s[i - 1] != '/')
		i--;
	return i == p->caret && i ? i - 1 : i;
}

static bool
edit_key(struct prompt *p, uint32_t key)
{
	switch (key) {
	case KEY_OF_BACKSPACE:
		cut(p, before(p), p->caret);
		return true;
	case KEY_OF_DELETE:
		cut(p, p->caret, behind(p));
		return true;
	case 21: /* Ctrl-U */
		cut(p, 0, p->caret);
		return true;
	case 23: /* Ctrl-W */
		cut(p, word_before(p), p->caret);
		return true;
	case KEY_OF_LEFT:
		p->caret = before(p);
		return true;
	case KEY_OF_RIGHT:
		p->caret = behind(p);
		return true;
	case KEY_OF_HOME:
	case 1: /* Ctrl-A */
		p->caret = 0;
		return true;
	case KEY_OF_END:
	case 5: /* Ctrl-E */
		p->caret = p->text.len;
		return true;
	default:
		return false;
	}
}

bool
prompt_key(struct prompt *p, uint32_t key)
{
	if (key >= ' ' && key < 0x110000 && key != 0x7f && !text_is_format(key)) {
		insert(p, key);
		return true;
	}
	/* str_empty must not be written to. */
	return p->text.cap ? edit_key(p, key)
			   : key == KEY_OF_BACKSPACE || key == KEY_OF_DELETE;
}

/* Extends `common` to what all names that begin with `part` share. */
static size_t
common_name(const char *dir, const char *part, struct str *common)
{
	DIR *d = opendir(dir);
	struct dirent *x;
	size_t n = 0;

	while (d && (x = readdir(d))) {
		size_t k = 0;

		if (!str_has_prefix(x->d_name, part) || (x->d_name[0] == '.' && !*part))
			continue;
		if (n++ == 0) {
			str_set(common, x->d_name);
			continue;
		}
		while (k < common->len && common->s[k] == x->d_name[k])
			k++;
		str_trunc(common, k);
	}
	if (d)
		closedir(d);
	return n;
}

void
prompt_complete(struct prompt *p)
{
	AUTO(str_fini) struct str dir = STR_INIT, common = STR_INIT, text = STR_INIT;
	const char *slash = strrchr(p->text.s, '/');
	size_t keep = slash ? (size_t)(slash - p->text.s) + 1 : 0, n;
	struct stat st;

	str_setn(&dir, p->text.s, keep);
	n = common_name(dir.len ? dir.s : ".", p->text.s + keep, &common);
	str_clear(&p->error);
	p->error_at = -1;
	if (n == 0 || !text_is_utf8(common.s, common.len)) {
		str_set(&p->error,
			n ? "a name that is no UTF-8: type it" : "nothing matches");
		return;
	}
	str_setn(&text, p->text.s, keep);
	str_addn(&text, common.s, common.len);
	if (n == 1 && stat(text.s, &st) == 0 && S_ISDIR(st.st_mode))
		str_addc(&text, '/');
	else if (n > 1 && strcmp(text.s, p->text.s) == 0)
		str_addf(&p->error, "%zu names begin so", n);
	prompt_set(p, text.s);
}

void
prompt_draw(const struct prompt *p, struct canvas *c, struct rect at)
{
	AUTO(crop_fini) struct crop all = CROP_INIT, head = CROP_INIT;
	int x = canvas_text_in(c, (struct rect){ at.x, at.y, at.w / 2, 1 }, STYLE_KEY,
			       p->label);
	int room = at.x + at.w - x - 1, from = 0;
	struct rect old;

	crop_typed(&all, p->text.s, p->text.len, c->ascii);
	crop_typed(&head, p->text.s, p->caret, c->ascii);
	if (room < 1)
		return;
	if (head.width > room)
		from = head.width - room;
	old = canvas_clip(c, (struct rect){ x, at.y, room + 1, 1 });
	crop_draw(&all, c, (struct rect){ x - from, at.y, all.width, 1 }, STYLE_TEXT);
	c->clip = old;
	c->caret_x = x + head.width - from;
	c->caret_y = at.y;
}
