/*
 * One call with a path operand in every form that the kernel knows: absolute, relative,
 * through links, from a directory descriptor (plain, O_PATH, dup'ed, bad), through
 * /proc/self/fd, with an empty name, and with pointers to nothing.
 */
#include "probe.h"

#include <sys/mman.h>

static const char *const shapes[] = {
	"file", "link", "abslink", "sub/deep", "dirlink/deep", "chain", "dangling", "loop",
	"none", "none/x", "file/x", "file/", "sub", "sub/", "dirlink", "dirlink/", "sub/..",
	"sub/../file", "dirlink/../file", "./file", ".//file", "nodir/../file", ".", "..",
	NULL
};

struct forms {
	const struct probe_case *c;
	const struct call *call;
	const char *dir;	/* "in" or "w" */
	bool succeeded;
};

static long
do_call(const struct forms *f, int dirfd, const void *path, long more)
{
	const struct call *k = f->call;
	long a[6];

	memcpy(a, k->arg, sizeof(a));
	a[k->path] = (long)path;
	if (k->dir >= 0)
		a[k->dir] = dirfd;
	if (k->flags >= 0)
		a[k->flags] |= more;
	if (k->before)
		k->before(a);
	return raw(probe_nr(f->c->number), a[0], a[1], a[2], a[3], a[4], a[5]);
}

static long
in_child(const struct forms *f, int dirfd, const void *path, long more)
{
	pid_t pid = must_fork();

	if (pid == 0) {
		long r = do_call(f, dirfd, path, more);
		if (r < 0)
			say("  child: %s", outcome(r));
		else if (f->call->result)
			f->call->result(r);
		_exit(0);
	}
	say_status("  child", must_wait(pid));
	return 0;
}

static void
form(struct forms *f, const char *label, const char *shape, int dirfd, const void *path,
     long more)
{
	const struct call *k = f->call;
	bool child = k->how & CALL_CHILD;
	long r;

	memset(probe_buf, 0, 512);
	if (child)
		say("%s %s %s", f->c->name, label, shape);
	r = child ? in_child(f, dirfd, path, more) : do_call(f, dirfd, path, more);
	if (child)
		return;
	say("%s %s %s = %s", f->c->name, label, shape, outcome(r));
	if (r < 0)
		return;
	f->succeeded = true;
	if (k->result)
		k->result(r);
	if (k->how & CALL_MUTATES) {
		say_tree(f->dir);
		remove_tree(f->dir);
		make_shapes(f->dir);
	}
}

static void
shape_forms(struct forms *f, const char *shape)
{
	const struct call *k = f->call;
	char rel[300], *abs, *proc;
	int dir, pathdir;

	snprintf(rel, sizeof(rel), "%s/%s", f->dir, shape);
	abs = in_cwd(rel);
	form(f, "relative", shape, AT_FDCWD, rel, 0);
	form(f, "absolute", shape, k->dir >= 0 ? 9999 : 0, abs, 0);
	if (k->flags >= 0 && k->nofollow)
		form(f, "nofollow", shape, AT_FDCWD, rel, k->nofollow);
	if (k->flags >= 0 && k->follow)
		form(f, "follow", shape, AT_FDCWD, rel, k->follow);
	/* Mutations replace the directory: descriptors are opened for each call. */
	pathdir = open(f->dir, O_PATH | O_CLOEXEC);
	if (asprintf(&proc, "/proc/self/fd/%d/%s", pathdir, shape) < 0)
		abort();
	if (k->dir >= 0)
		form(f, "at O_PATH", shape, pathdir, shape, 0);
	else
		form(f, "at /proc/self/fd", shape, 0, proc, 0);
	close(pathdir);
	if (k->dir >= 0 && strlen(shape) < 9) {
		dir = open(f->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		pathdir = fcntl(dir, F_DUPFD_CLOEXEC, 100);
		close(dir);
		form(f, "at dup", shape, pathdir, shape, 0);
		close(pathdir);
	}
	free(proc);
	free(abs);
}

static void
descriptor_forms(struct forms *f)
{
	const struct call *k = f->call;
	char name[300], proc[40];
	int fd;

	snprintf(name, sizeof(name), "%s/file", f->dir);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	if (!(k->how & (CALL_MUTATES | CALL_ABSENT_ONLY)))
		form(f, "of /proc/self/fd/N", "", AT_FDCWD, proc, 0);
	if (k->dir >= 0) {
		form(f, "at a file", "file", fd, "file", 0);
		form(f, "at closed", "file", 777, "file", 0);
		form(f, "at -1", "file", -1, "file", 0);
		form(f, "empty name at a file", "", fd, "", 0);
		if (k->empty) {
			form(f, "AT_EMPTY_PATH", "file", fd, "", k->empty);
			form(f, "AT_EMPTY_PATH cwd", "", AT_FDCWD, "", k->empty);
			form(f, "AT_EMPTY_PATH closed", "", 777, "", k->empty);
		}
		form(f, "unused flags", "none", AT_FDCWD, "none", 0);
	}
	close(fd);
	if (k->empty && k->dir >= 0) {
		fd = open(name, O_PATH | O_CLOEXEC);
		form(f, "AT_EMPTY_PATH O_PATH", "file", fd, "", k->empty);
		close(fd);
	}
}

static void
pointer_forms(struct forms *f)
{
	static char huge[6000];
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	munmap(page + 4096, 4096);
	memset(page, 'x', 4096);
	form(f, "NULL", "", AT_FDCWD, NULL, 0);
	form(f, "bad pointer", "", AT_FDCWD, (void *)8, 0);
	form(f, "pointer to the top", "", AT_FDCWD, (void *)-4096L, 0);
	form(f, "unmapped", "", AT_FDCWD, page + 4096, 0);
	form(f, "end of page without NUL", "", AT_FDCWD, page + 4090, 0);
	strcpy(page + 4096 - 5, "none");
	form(f, "end of page with NUL", "", AT_FDCWD, page + 4096 - 5, 0);
	form(f, "empty", "", AT_FDCWD, "", 0);
	memset(huge, 'y', sizeof(huge) - 1);
	form(f, "6000 bytes", "", AT_FDCWD, huge, 0);
	huge[256] = 0;
	form(f, "256-byte component", "", AT_FDCWD, huge, 0);
	for (int i = 0; i < 4095; i++)
		huge[i] = i & 1 ? '/' : '.';
	huge[4095] = 0;
	memcpy(huge + 4095 - 4, "none", 4);
	form(f, "4095 bytes", "none", AT_FDCWD, huge, 0);
	munmap(page, 4096);
}

void
call_forms(const struct probe_case *c)
{
	struct forms f = { .c = c, .call = c->arg };

	f.dir = f.call->how & CALL_MUTATES ? "w" : "in";
	for (const char *const *s = shapes; *s; s++) {
		if (f.call->how & CALL_ABSENT_ONLY && strncmp(*s, "no", 2) != 0 &&
		    strcmp(*s, "loop") != 0 && strcmp(*s, "dangling") != 0 &&
		    strcmp(*s, "file/x") != 0)
			continue;
		shape_forms(&f, *s);
	}
	descriptor_forms(&f);
	pointer_forms(&f);
	if (f.call->kind) {
		expect_touched("in/file", f.call->kind);
		expect_touched("in/sub/deep", f.call->kind);
		if (f.call->how & CALL_CHILD)
			return;
		expect_missed("in/none");
	}
}
