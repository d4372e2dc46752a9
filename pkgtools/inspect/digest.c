#include "inspect/digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
context_free(EVP_MD_CTX **c)
{
	EVP_MD_CTX_free(*c);
}

static void
to_hex(EVP_MD_CTX *c, char hex[static DIGEST_HEX])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char raw[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (EVP_DigestFinal_ex(c, raw, &n) != 1 || n * 2 >= DIGEST_HEX)
		n = 0;
	for (unsigned i = 0; i < n; i++) {
		hex[2 * i] = digits[raw[i] >> 4];
		hex[2 * i + 1] = digits[raw[i] & 15];
	}
	hex[2 * n] = '\0';
}

static const EVP_MD *
by_name(const char *name)
{
	if (name && strcmp(name, "md5") == 0)
		return EVP_md5();
	if (name && strcmp(name, "sha1") == 0)
		return EVP_sha1();
	return NULL;
}

static int
feed(int fd, EVP_MD_CTX *a, EVP_MD_CTX *b)
{
	enum { CHUNK = 1 << 18 };
	AUTO(mem_free) char *buf = mem_alloc(CHUNK);
	off_t at = 0;

	for (;;) {
		ssize_t n = pread(fd, buf, CHUNK, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		at += n;
		if (EVP_DigestUpdate(a, buf, (size_t)n) != 1 ||
		    (b && EVP_DigestUpdate(b, buf, (size_t)n) != 1))
			return -EIO;
	}
}

int
digest_file(int fd, char sha256[static DIGEST_HEX], const char *second,
	    char other[static DIGEST_HEX])
{
	AUTO(context_free) EVP_MD_CTX *a = EVP_MD_CTX_new(), *b = NULL;
	const EVP_MD *md = by_name(second);
	int r;

	sha256[0] = other[0] = '\0';
	if (!a || EVP_DigestInit_ex(a, EVP_sha256(), NULL) != 1)
		return -EIO;
	if (md) {
		b = EVP_MD_CTX_new();
		if (!b)
			return -EIO;
		if (EVP_DigestInit_ex(b, md, NULL) != 1) /* FIPS: there is no md5 */
			md = NULL;
	}
	r = feed(fd, a, md ? b : NULL);
	if (r < 0)
		return r;
	to_hex(a, sha256);
	if (md)
		to_hex(b, other);
	else if (second && strcmp(second, "sha256") == 0)
		memcpy(other, sha256, DIGEST_HEX);
	return 0;
}

const char *
digest_algorithm(const char *sum)
{
	static const char *const known[] = { "md5", "sha1", "sha256" };

	for (size_t i = 0; sum && i < ARRAY_SIZE(known); i++)
		if (str_has_prefix(sum, known[i]) && sum[strlen(known[i])] == ':')
			return known[i];
	return NULL;
}

bool
digest_is(const char *sum, const char *other)
{
	const char *hex = strchr(sum, ':');

	return hex && strcasecmp(hex + 1, other) == 0;
}
