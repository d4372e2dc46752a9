#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app.h"
#include "base/fs.h"
#include "path/lex.h"

struct extract {
	struct app *a;
	int dirfd;
	size_t done;
	struct err *e;
	int r;
};

/* One regular file, under the name that it has in the package; never over another one. */
static int
copy_file(struct extract *x, const char *path)
{
	AUTO(fd_drop) int from = -1;
	AUTO(fd_drop) int to = -1;
	AUTO(str_fini) struct str dir = STR_INIT;
	struct stat st;
	int r;

	from = package_file(&x->a->package, path, false, &st, x->e);
	if (from < 0)
		return -1;
	str_set(&dir, path + 1);
	if (strchr(dir.s, '/')) {
		str_trunc(&dir, (size_t)(strrchr(dir.s, '/') - dir.s));
		r = fs_mkdirs(x->dirfd, dir.s);
		if (r < 0)
			return err_set(x->e, -r, "%s", dir.s);
	}
	to = fs_open_beneath(x->dirfd, path + 1, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			     st.st_mode & 0777);
	if (to < 0)
		return err_set(x->e, -to, "%s", path + 1);
	r = fs_copy_data(from, to, (uint64_t)st.st_size);
	return r < 0 ? err_set(x->e, -r, "%s", path + 1) : 0;
}

static bool
extract_node(void *ctx, uint32_t n)
{
	struct extract *x = ctx;
	AUTO(str_fini) struct str path = STR_INIT;
	const struct node *node = &x->a->model.node[n];

	if (node->kind != 'f' || (node->state & 15) != FILE_CAPTURED)
		return true;
	model_path(&x->a->model, n, &path);
	x->r = copy_file(x, path.s);
	x->done += x->r == 0;
	return x->r == 0;
}

int
app_extract(struct app *a, const uint32_t *node, size_t n, const char *dir, size_t *done,
	    struct err *e)
{
	AUTO(fd_drop) int fd = -1;
	struct extract x = { .a = a, .e = e };

	if (mkdir(dir, 0777) < 0 && errno != EEXIST)
		return err_set(e, errno, "%s", dir);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, errno, "%s", dir);
	x.dirfd = fd;
	for (size_t i = 0; i < n && x.r == 0; i++)
		tree_each_hit(&a->tree, node[i], extract_node, &x);
	*done = x.done;
	return x.r;
}
