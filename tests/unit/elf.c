#include <check.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/str.h"
#include "tree/elf.h"

Suite *suite_elf(void);

/*
 * A program without content: header, two program headers, the loader's name.
 * The fields are written here by offset, independent of the code under test.
 */
struct image {
	bool is64, msb;
	unsigned char b[256];
};

enum { INTERP_AT = 200 };
static const char interp_text[] = "/lib/ld.so";

static void
put(struct image *m, size_t at, size_t width, uint64_t v)
{
	for (size_t i = 0; i < width; i++)
		m->b[at + (m->msb ? width - 1 - i : i)] = (unsigned char)(v >> (8 * i));
}

static uint64_t
get(const struct image *m, size_t at, size_t width)
{
	uint64_t v = 0;

	for (size_t i = 0; i < width; i++)
		v |= (uint64_t)m->b[at + (m->msb ? width - 1 - i : i)] << (8 * i);
	return v;
}

/* Offsets of the second program header and its fields. */
#define PH(m)	     ((m)->is64 ? 64u + 56 : 52u + 32)
#define PH_OFFSET(m) (PH(m) + ((m)->is64 ? 8u : 4))
#define PH_VADDR(m)  (PH(m) + ((m)->is64 ? 16u : 8))
#define PH_FILESZ(m) (PH(m) + ((m)->is64 ? 32u : 16))
#define PH_MEMSZ(m)  (PH(m) + ((m)->is64 ? 40u : 20))
#define WORD(m)	     ((m)->is64 ? 8u : 4u)

static void
build(struct image *m, int kind)
{
	memset(m, 0, sizeof(*m));
	m->is64 = kind & 1;
	m->msb = kind & 2;
	memcpy(m->b, "\177ELF", 4);
	m->b[4] = m->is64 ? 2 : 1;
	m->b[5] = m->msb ? 2 : 1;
	put(m, 16, 2, ET_DYN);
	put(m, 18, 2, 62);
	put(m, m->is64 ? 32 : 28, WORD(m), m->is64 ? 64 : 52); /* e_phoff */
	put(m, m->is64 ? 54 : 42, 2, m->is64 ? 56 : 32);       /* e_phentsize */
	put(m, m->is64 ? 56 : 44, 2, 2);		       /* e_phnum */
	put(m, m->is64 ? 64 : 52, 4, PT_LOAD);
	put(m, PH(m), 4, PT_INTERP);
	put(m, PH_OFFSET(m), WORD(m), INTERP_AT);
	put(m, PH_VADDR(m), WORD(m), 0x1234);
	put(m, PH_FILESZ(m), WORD(m), sizeof(interp_text));
	memcpy(m->b + INTERP_AT, interp_text, sizeof(interp_text));
}

static int
to_file(const void *data, size_t n)
{
	int fd = memfd_create("elf", MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fd_write_all(fd, data, n), 0);
	return fd;
}

static int
read_image(const struct image *m, size_t n, struct elf_head *h)
{
	AUTO(fd_drop) int fd = to_file(m->b, n);

	return elf_read(fd, h);
}

START_TEST(reads_each_class_and_order)
{
	AUTO(elf_head_fini) struct elf_head h = ELF_HEAD_INIT;
	struct image m;

	build(&m, _i);
	ck_assert_int_eq(read_image(&m, sizeof(m.b), &h), 0);
	ck_assert_int_eq(h.is64, m.is64);
	ck_assert_int_eq(h.msb, m.msb);
	ck_assert_int_eq(h.type, ET_DYN);
	ck_assert_int_eq(h.machine, 62);
	ck_assert(h.has_interp);
	ck_assert_str_eq(h.interp.s, interp_text);
	ck_assert_uint_eq(h.interp_phdr, PH(&m));
	put(&m, PH(&m), 4, PT_NOTE);
	ck_assert_int_eq(read_image(&m, sizeof(m.b), &h), 0);
	ck_assert(!h.has_interp);
	ck_assert_str_eq(h.interp.s, "");
}
END_TEST

START_TEST(loader_is_replaced)
{
	static const char loader[] = "/another place/with a/longer name/ld.so";
	AUTO(elf_head_fini) struct elf_head h = ELF_HEAD_INIT;
	AUTO(fd_drop) int in = -1, out = memfd_create("out", MFD_CLOEXEC);
	struct image m, want, got;
	char text[sizeof(loader)];

	build(&m, _i);
	in = to_file(m.b, sizeof(m.b));
	ck_assert_int_eq(elf_read(in, &h), 0);
	ck_assert_int_eq(elf_copy_with_loader(in, out, &h, loader), 0);
	want = got = m;
	put(&want, PH_OFFSET(&m), WORD(&m), sizeof(m.b));
	put(&want, PH_FILESZ(&m), WORD(&m), sizeof(loader));
	put(&want, PH_MEMSZ(&m), WORD(&m), sizeof(loader));
	ck_assert_int_eq(pread(out, got.b, sizeof(got.b), 0), sizeof(got.b));
	ck_assert_mem_eq(got.b, want.b, sizeof(got.b));
	ck_assert_uint_eq(get(&got, PH_VADDR(&m), WORD(&m)), 0x1234);
	ck_assert_int_eq(lseek(out, 0, SEEK_END), sizeof(m.b) + sizeof(loader));
	ck_assert_int_eq(pread(out, text, sizeof(text), sizeof(m.b)), sizeof(text));
	ck_assert_mem_eq(text, loader, sizeof(loader));
	ck_assert_int_eq(elf_read(out, &h), 0);
	ck_assert_str_eq(h.interp.s, loader);
}
END_TEST

/* One damage per row, in a 64-bit image. */
static const struct {
	size_t at, width;
	uint64_t v;
} damage[] = {
	{ 0, 1, 0 }, /* magic */
	{ 4, 1, 3 }, /* class */
	{ 5, 1, 0 }, /* byte order */
	{ 16, 2, ET_REL },
	{ 16, 2, ET_CORE },
	{ 32, 8, 1000 }, /* headers behind the end */
	{ 32, 8, UINT64_MAX },
	{ 32, 8, INT64_MAX },
	{ 54, 2, 55 }, /* size of one */
	{ 56, 2, 0 },  /* number of them */
	{ 56, 2, 0xffff },
	{ 120 + 8, 8, 250 }, /* name across the end */
	{ 120 + 8, 8, UINT64_MAX - 3 },
	{ 120 + 32, 8, 1 }, /* its length */
	{ 120 + 32, 8, 4097 },
	{ 120 + 32, 8, UINT64_MAX },
	{ 120 + 32, 8, 5 }, /* no NUL at its end */
};

START_TEST(damaged_files_are_refused)
{
	AUTO(elf_head_fini) struct elf_head h = ELF_HEAD_INIT;
	struct image m;

	build(&m, 1);
	put(&m, damage[_i].at, damage[_i].width, damage[_i].v);
	ck_assert_int_eq(read_image(&m, sizeof(m.b), &h), -ENOEXEC);
}
END_TEST

START_TEST(cut_files_are_refused)
{
	struct image m;

	build(&m, _i);
	for (size_t n = 0; n < INTERP_AT + sizeof(interp_text); n++) {
		AUTO(elf_head_fini) struct elf_head h = ELF_HEAD_INIT;

		ck_assert_int_eq(read_image(&m, n, &h), -ENOEXEC);
	}
}
END_TEST

START_TEST(no_loader_to_replace)
{
	AUTO(elf_head_fini) struct elf_head h = ELF_HEAD_INIT;
	AUTO(fd_drop) int fd = -1;
	struct image m;

	build(&m, 1);
	put(&m, PH(&m), 4, PT_NOTE);
	fd = to_file(m.b, sizeof(m.b));
	ck_assert_int_eq(elf_read(fd, &h), 0);
	ck_assert_int_eq(elf_copy_with_loader(fd, fd, &h, "/x"), -EINVAL);
}
END_TEST

/* What `prog /proc/self/maps` prints. */
static void
run_on_maps(const char *prog, struct str *out)
{
	int pipefd[2], status;
	pid_t pid;

	ck_assert_int_eq(pipe(pipefd), 0);
	pid = fork();
	if (pid == 0) {
		dup2(pipefd[1], 1);
		execl(prog, "cat", "/proc/self/maps", (char *)NULL);
		_exit(99);
	}
	close(pipefd[1]);
	ck_assert_int_eq(fd_read_all(pipefd[0], out), 0);
	close(pipefd[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

static void
copy_file(const char *from, const char *to)
{
	AUTO(fd_drop) int in = open(from, O_RDONLY | O_CLOEXEC);
	AUTO(fd_drop) int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);

	ck_assert(in >= 0 && out >= 0);
	ck_assert_int_eq(fs_copy_data(in, out, (uint64_t)lseek(in, 0, SEEK_END)), 0);
}

START_TEST(kernel_takes_the_new_loader)
{
	char dir[] = "/tmp/unit-elf-XXXXXX";
	AUTO(elf_head_fini) struct elf_head h = ELF_HEAD_INIT;
	AUTO(str_fini) struct str prog = STR_INIT;
	AUTO(str_fini) struct str loader = STR_INIT;
	AUTO(str_fini) struct str maps = STR_INIT;
	AUTO(fd_drop) int in = open("/bin/cat", O_RDONLY | O_CLOEXEC);
	AUTO(fd_drop) int out = -1;

	if (in < 0 || elf_read(in, &h) < 0 || !h.has_interp) {
		fprintf(stderr, "skipped: kernel_takes_the_new_loader: "
				"/bin/cat is no dynamic program here\n");
		return;
	}
	ck_assert_ptr_nonnull(mkdtemp(dir));
	str_addf(&prog, "%s/prog", dir);
	str_addf(&loader, "%s/a loader with a name that is longer than the old one", dir);
	copy_file(h.interp.s, loader.s);
	out = open(prog.s, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	ck_assert_int_eq(elf_copy_with_loader(in, out, &h, loader.s), 0);
	fd_drop(&out);
	run_on_maps(prog.s, &maps);
	ck_assert_ptr_nonnull(strstr(maps.s, loader.s));
	ck_assert_ptr_nonnull(strstr(maps.s, prog.s));
	unlink(prog.s);
	unlink(loader.s);
	rmdir(dir);
}
END_TEST

Suite *
suite_elf(void)
{
	Suite *s = suite_create("elf");
	TCase *t = tcase_create("elf");

	tcase_add_loop_test(t, reads_each_class_and_order, 0, 4);
	tcase_add_loop_test(t, loader_is_replaced, 0, 4);
	tcase_add_loop_test(t, damaged_files_are_refused, 0, (int)ARRAY_SIZE(damage));
	tcase_add_loop_test(t, cut_files_are_refused, 0, 4);
	tcase_add_test(t, no_loader_to_replace);
	tcase_add_test(t, kernel_takes_the_new_loader);
	suite_add_tcase(s, t);
	return s;
}
