/* Archives: whatever they say, nothing is made but in the one directory. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fs.h"
#include "fuzz.h"
#include "inspect/unpack.h"

static unsigned
names_in(const char *dir)
{
	DIR *d = opendir(dir);
	unsigned n = 0;

	FUZZ_CHECK(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	AUTO(fd_drop) int fd = memfd_create("archive", MFD_CLOEXEC);
	AUTO(str_fini) struct str in = STR_INIT, out = STR_INIT;
	struct unpack how = { .entries_max = 500, .bytes_max = 1 << 20 };
	int r;

	fuzz_put("outside", "precious", 8);
	FUZZ_CHECK(fd >= 0 && fd_write_all(fd, data, size) == 0);
	str_addf(&in, "/proc/self/fd/%d", fd);
	str_addf(&out, "%s/out", fuzz_dir());
	r = unpack_archive(in.s, out.s, &how, &e);
	fuzz_count(r == 0);
	FUZZ_CHECK(r == 0 || (r < 0 && e.text.len));
	FUZZ_CHECK(names_in(fuzz_dir()) == (r == 0 ? 2 : 1));
	FUZZ_CHECK(how.bytes <= how.bytes_max);
	if (r == 0)
		FUZZ_CHECK(fs_remove_tree(AT_FDCWD, out.s) == 0);
	return 0;
}
