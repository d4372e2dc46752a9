#include "inspect/text.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

unsigned
text_decode(const char *at, size_t len, uint32_t *out)
{
	const unsigned char *s = (const unsigned char *)at;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t c;
	unsigned n;

	if (len == 0)
		return 0;
	if (s[0] < 0x80) {
		*out = s[0];
		return 1;
	}
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	n = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (len < n)
		return 0;
	c = s[0] & (0xff >> (n + 1));
	for (unsigned i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	*out = c;
	return n;
}

bool
text_is_utf8(const char *s, size_t len)
{
	uint32_t c;

	while (len) {
		unsigned n = text_decode(s, len, &c);

		if (!n)
			return false;
		s += n;
		len -= n;
	}
	return true;
}

/* Format characters (Cf), separators that are no space, fillers that are not seen,
 * variation selectors, surrogates, private use, and what is no character. */
bool
text_is_format(uint32_t c)
{
	static const struct {
		uint32_t from, to;
	} range[] = {
		{ 0x80, 0xa0 },	       { 0xad, 0xad },	     { 0x34f, 0x34f },
		{ 0x600, 0x605 },      { 0x61c, 0x61c },     { 0x6dd, 0x6dd },
		{ 0x70f, 0x70f },      { 0x890, 0x891 },     { 0x8e2, 0x8e2 },
		{ 0x115f, 0x1160 },    { 0x1680, 0x1680 },   { 0x17b4, 0x17b5 },
		{ 0x180b, 0x180f },    { 0x2000, 0x200f },   { 0x2028, 0x202f },
		{ 0x205f, 0x206f },    { 0x2800, 0x2800 },   { 0x3000, 0x3000 },
		{ 0x3164, 0x3164 },    { 0xe000, 0xf8ff },   { 0xfdd0, 0xfdef },
		{ 0xfe00, 0xfe0f },    { 0xfeff, 0xfeff },   { 0xffa0, 0xffa0 },
		{ 0xfff0, 0xfffd },    { 0x110bd, 0x110bd }, { 0x110cd, 0x110cd },
		{ 0x13430, 0x13455 },  { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a },
		{ 0xe0000, 0x10ffff },
	};

	if ((c & 0xfffe) == 0xfffe)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(range); i++)
		if (c >= range[i].from && c <= range[i].to)
			return true;
	return false;
}

static const struct {
	char byte, letter;
} named[] = {
	{ '\n', 'n' }, { '\t', 't' }, { '\r', 'r' }, { '\033', 'e' }, { '\\', '\\' },
};

static void
escape_byte(struct str *out, unsigned char c)
{
	for (size_t i = 0; i < ARRAY_SIZE(named); i++)
		if (named[i].byte == (char)c) {
			str_addc(out, '\\');
			str_addc(out, named[i].letter);
			return;
		}
	str_addf(out, "\\x%02x", c);
}

static void
escape(struct str *out, const char *name, size_t len, const char *keep)
{
	size_t plain = 0; /* from here on as it stands, not yet added */
	uint32_t c;

	for (size_t i = 0; i < len;) {
		unsigned n = text_decode(name + i, len - i, &c);

		if (n == 1 ? (c >= 0x20 && c != 0x7f && c != '\\') ||
				     (c && strchr(keep, c))
			   : n && !text_is_format(c)) {
			i += n;
			continue;
		}
		str_addn(out, name + plain, i - plain);
		if (n > 1)
			str_addf(out, c > 0xffff ? "\\U%08" PRIx32 : "\\u%04" PRIx32, c);
		else
			escape_byte(out, (unsigned char)name[i]);
		i += n ? n : 1;
		plain = i;
	}
	str_addn(out, name + plain, len - plain);
}

void
text_escape(struct str *out, const char *name, size_t len)
{
	escape(out, name, len, "");
}

void
text_tame(struct str *out, const char *text, size_t len)
{
	escape(out, text, len, "\n\\");
}

void
text_escape_visible(struct str *out, const char *name, size_t len)
{
	size_t head = 0, tail = len;

	for (; head < len && name[head] == ' '; head++)
		str_add(out, "\\x20");
	while (tail > head && name[tail - 1] == ' ')
		tail--;
	text_escape(out, name + head, tail - head);
	for (; tail < len; tail++)
		str_add(out, "\\x20");
}

static void
add_utf8(struct str *out, uint32_t c)
{
	if (c < 0x80) {
		str_addc(out, (char)c);
		return;
	}
	if (c >= 0x10000) {
		str_addc(out, (char)(0xf0 | c >> 18));
		str_addc(out, (char)(0x80 | (c >> 12 & 0x3f)));
	} else if (c >= 0x800) {
		str_addc(out, (char)(0xe0 | c >> 12));
	} else {
		str_addc(out, (char)(0xc0 | c >> 6));
	}
	if (c >= 0x800)
		str_addc(out, (char)(0x80 | (c >> 6 & 0x3f)));
	str_addc(out, (char)(0x80 | (c & 0x3f)));
}

/* n hex digits, or -1. */
static int64_t
hex(const char *s, size_t len, unsigned n)
{
	static const char digits[] = "0123456789abcdef";
	int64_t v = 0;

	if (len < n)
		return -1;
	for (unsigned i = 0; i < n; i++) {
		const char *at = s[i] ? strchr(digits, s[i] | 0x20) : NULL;

		if (!at)
			return -1;
		v = v << 4 | (at - digits);
	}
	return v;
}

/* What is behind the backslash; bytes used, 0: wrong. */
static unsigned
unescape_one(struct str *out, const char *s, size_t len)
{
	unsigned digits;
	int64_t v;

	if (len == 0)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(named); i++)
		if (named[i].letter == *s) {
			str_addc(out, named[i].byte);
			return 1;
		}
	digits = *s == 'x' ? 2 : *s == 'u' ? 4 : *s == 'U' ? 8 : 0;
	v = digits ? hex(s + 1, len - 1, digits) : -1;
	if (v < 0 || v > 0x10ffff || (v >= 0xd800 && v < 0xe000))
		return 0;
	if (digits == 2)
		str_addc(out, (char)v);
	else
		add_utf8(out, (uint32_t)v);
	return 1 + digits;
}

int
text_unescape(struct str *out, const char *text, size_t len, size_t *at)
{
	for (size_t i = 0; i < len;) {
		unsigned n;

		if (text[i] != '\\') {
			str_addc(out, text[i++]);
			continue;
		}
		n = unescape_one(out, text + i + 1, len - i - 1);
		if (!n) {
			if (at)
				*at = i;
			return -EINVAL;
		}
		i += 1 + n;
	}
	return 0;
}

void
text_size(struct str *out, uint64_t bytes)
{
	static const char *const unit[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double x = bytes / 1024.0;
	size_t i = 0;

	if (bytes < 1024) {
		str_addf(out, "%" PRIu64 " B", bytes);
		return;
	}
	for (; x >= 1023.95 && i + 1 < ARRAY_SIZE(unit); i++)
		x /= 1024;
	str_addf(out, "%.1f %s", x, unit[i]);
}

void
text_time(struct str *out, int64_t seconds)
{
	time_t t = seconds;
	struct tm tm;
	char buf[64];

	if (localtime_r(&t, &tm) && strftime(buf, sizeof(buf), "%F %T", &tm))
		str_add(out, buf);
	else
		str_addf(out, "@%" PRId64, seconds);
}

void
text_base64(struct str *out, const void *data, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789+/";
	const unsigned char *p = data;

	for (size_t i = 0; i < len; i += 3) {
		uint32_t v = p[i] << 16;

		v |= i + 1 < len ? p[i + 1] << 8 : 0;
		v |= i + 2 < len ? p[i + 2] : 0;
		str_addc(out, digits[v >> 18]);
		str_addc(out, digits[v >> 12 & 63]);
		str_addc(out, i + 1 < len ? digits[v >> 6 & 63] : '=');
		str_addc(out, i + 2 < len ? digits[v & 63] : '=');
	}
}
