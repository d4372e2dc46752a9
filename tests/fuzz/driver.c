/*
 * For compilers without libFuzzer: seeds, and random mutations of them, for as long as
 * -max_total_time says.  No coverage guides it.  Takes libFuzzer's arguments; of these it
 * heeds -max_total_time, -seed and the directories of seeds.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/vec.h"
#include "fuzz.h"

static VEC(struct str) seeds;
static uint64_t state = 1;
static struct str input = STR_INIT;
static const char *artifact = "crash";

static unsigned
any(size_t n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return n ? (unsigned)((state >> 33) % n) : 0;
}

static void
add_seeds(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *ent;

	while (d && (ent = readdir(d))) {
		AUTO(err_fini) struct err e = ERR_INIT;
		struct str text = STR_INIT;

		if (ent->d_name[0] != '.' &&
		    fs_slurp(dirfd(d), ent->d_name, &text, &e) == 0)
			vec_push(&seeds, text);
	}
	if (d)
		closedir(d);
}

static void
insert(size_t at, const char *data, size_t n)
{
	AUTO(str_fini) struct str rest = STR_INIT;

	str_setn(&rest, input.s + at, input.len - at);
	str_trunc(&input, at);
	str_addn(&input, data, n);
	str_addn(&input, rest.s, rest.len);
}

static void
mutate(void)
{
	const struct str *other = &seeds.v[any(seeds.n)];
	size_t at = any(input.len + 1), n = any(other->len + 1), from;

	switch (any(5)) {
	case 0: /* one byte */
		if (at < input.len)
			input.s[at] = (char)any(256);
		break;
	case 1: /* one bit */
		if (at < input.len)
			input.s[at] = (char)(input.s[at] ^ (1 << any(8)));
		break;
	case 2: /* cut off */
		if (any(4) == 0)
			str_trunc(&input, at);
		break;
	case 3: /* a piece of a seed */
		n = n > 64 ? any(64) : n;
		from = any(other->len - n + 1);
		insert(at, other->s + from, n);
		break;
	default: /* a number that is hard to add to */
		insert(at, any(2) ? "\xff\xff\xff\xff" : "9223372036854775807", 4);
		break;
	}
}

/* The file that has the input at hand, in case that it crashes. */
static void
keep(void)
{
	static int fd = -1;
	AUTO(str_fini) struct str name = STR_INIT;

	if (fd < 0) {
		str_addf(&name, "%scrash", artifact);
		fd = open(name.s, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	}
	FUZZ_CHECK(ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0 &&
		   fd_write_all(fd, input.s, input.len) == 0);
}

static void
run_for(time_t seconds)
{
	time_t end = time(NULL) + seconds;
	unsigned long runs = 0;

	for (; time(NULL) < end; runs++) {
		const struct str *s = &seeds.v[any(seeds.n)];

		str_setn(&input, s->s, s->len);
		for (unsigned i = any(8); i-- > 0;)
			mutate();
		keep();
		LLVMFuzzerTestOneInput((const uint8_t *)input.s, input.len);
	}
	printf("Done %lu runs\n", runs);
}

int
main(int argc, char **argv)
{
	time_t seconds = 1;

	for (int i = 1; i < argc; i++) {
		if (sscanf(argv[i], "-max_total_time=%ld", &seconds) == 1 ||
		    sscanf(argv[i], "-seed=%lu", &state) == 1)
			continue;
		if (strncmp(argv[i], "-artifact_prefix=", 17) == 0)
			artifact = argv[i] + 17;
		else if (argv[i][0] != '-')
			add_seeds(argv[i]);
	}
	if (!seeds.n)
		vec_push(&seeds, (struct str)STR_INIT);
	for (size_t i = 0; i < seeds.n; i++)
		LLVMFuzzerTestOneInput((const uint8_t *)seeds.v[i].s, seeds.v[i].len);
	run_for(seconds);
	for (size_t i = 0; i < seeds.n; i++)
		str_fini(&seeds.v[i]);
	vec_fini(&seeds);
	str_fini(&input);
	return 0;
}
