#include "term_raw.h"

#include <stdio.h>
#include <string.h>

void
raw_never(struct raw *x, const char *s, size_t len)
{
	if (x->never_n == RAW_NEVER || len > RAW_TAIL)
		return;
	memcpy(x->never[x->never_n], s, len);
	x->never_len[x->never_n++] = len;
}

static bool
is_hostile(uint32_t c)
{
	return (c >= 0x80 && c < 0xa0) || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
	       c == 0xfeff || c > 0x10ffff;
}

/* Of a character: true, it is one that must not come, or no character. */
static bool
take_text(struct raw *x, unsigned char c)
{
	if (x->left) {
		if ((c & 0xc0) != 0x80)
			return true;
		x->code = x->code << 6 | (c & 0x3f);
		return --x->left == 0 && is_hostile(x->code);
	}
	if (c < 0x80) {
		x->code = c;
		return c == 0x7f || (c < 0x20 && !strchr("\a\b\t\n\r\016\017", c));
	}
	x->left = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
	x->code = c & (0x3f >> x->left);
	return c < 0xc2 || c > 0xf4;
}

/* Behind ESC. */
static void
begin_sequence(struct raw *x, unsigned char c)
{
	x->state = c == '['					  ? RAW_CSI
		   : c == ']' || c == 'P' || c == '_' || c == '^' ? RAW_STRING
		   : c >= 0x20 && c < 0x30			  ? RAW_ONE
								  : RAW_TEXT;
}

static bool
take(struct raw *x, unsigned char c)
{
	switch (x->state) {
	case RAW_TEXT:
		if (c != '\033' || x->left)
			return take_text(x, c);
		x->state = RAW_ESC;
		return false;
	case RAW_ESC:
		begin_sequence(x, c);
		return false;
	case RAW_CSI:
		if (c >= 0x40 && c < 0x7f)
			x->state = RAW_TEXT;
		return c < 0x20 || c > 0x7e;
	case RAW_STRING:
		if (c == '\a' || c == '\033')
			x->state = c == '\a' ? RAW_TEXT : RAW_STRING_ESC;
		return false;
	case RAW_STRING_ESC:
	case RAW_ONE:
		x->state = RAW_TEXT;
		return false;
	}
	return false;
}

const char *
raw_byte(struct raw *x, char byte, char *text, size_t size)
{
	bool bad = take(x, (unsigned char)byte);

	memmove(x->tail, x->tail + 1, RAW_TAIL - 1);
	x->tail[RAW_TAIL - 1] = byte;
	for (size_t i = 0; i < x->never_n; i++)
		if (memcmp(x->tail + RAW_TAIL - x->never_len[i], x->never[i],
			   x->never_len[i]) == 0) {
			snprintf(text, size, "a name came raw (never %zu)", i + 1);
			return text;
		}
	if (!bad)
		return NULL;
	snprintf(text, size, "byte %02x of U+%04X came raw", (unsigned char)byte,
		 (unsigned)x->code);
	x->left = 0;
	return text;
}
