/*
 * What the kernel starts for a name: the file, its "#!" interpreters, the loader.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "capture/record.h"
#include "path/lex.h"
#include "tree/elf.h"
#include "tree/script.h"

enum { PROGRAM_DEPTH = 6 };

static void
name_hop(void *ctx, const struct str *abs, const struct str *text)
{
	struct record *r = ctx;

	if (r->view.last && r->view.last->len == abs->len)
		record_object(r, r->view.last, EFF_STAT);
}

struct node *
record_name(struct record *r, const char *base, const char *name, enum effect how)
{
	struct node *n;

	r->view.last = NULL;
	if (path_walk(&r->view.fs, base, name, WALK_FOLLOW, name_hop, r, &r->walk) < 0 ||
	    r->walk.kind == FSV_MISSING || r->walk.kind == FSV_MAGIC)
		return NULL;
	n = view_look(&r->view, r->walk.abs.s, r->walk.abs.len);
	if (n)
		record_object(r, n, how);
	return n;
}

/* Name of what the kernel starts in its place, or nothing. */
static void
read_interpreter(const struct node *n, struct str *out)
{
	AUTO(fd_drop) int fd = view_open(n->path, n->len, O_RDONLY);
	AUTO(elf_head_fini) struct elf_head elf = ELF_HEAD_INIT;
	AUTO(script_line_fini) struct script_line line = SCRIPT_LINE_INIT;
	char head[SCRIPT_HEAD];
	ssize_t got;

	if (fd < 0 || (got = pread(fd, head, sizeof(head), 0)) <= 0)
		return;
	if (script_parse(head, got, &line) == 1)
		str_swap(out, &line.interp);
	else if (elf_read(fd, &elf) == 0 && elf.has_interp)
		str_swap(out, &elf.interp);
}

static void
note_privileges(struct record *r, struct node *n)
{
	bool user = n->st.st_mode & S_ISUID && n->st.st_uid != geteuid();
	bool group = n->st.st_mode & S_ISGID && n->st.st_mode & S_IXGRP &&
		     n->st.st_gid != getegid();

	if ((user || group) && !(n->flags & NODE_PRIVILEGED)) {
		n->flags |= NODE_PRIVILEGED;
		vec_push(&r->privileged, n);
	}
}

void
record_program(struct record *r, struct node *n, const char *cwd,
	       void (*cb)(void *ctx, struct node *n), void *ctx)
{
	for (int depth = 0; n && depth < PROGRAM_DEPTH; depth++) {
		record_object(r, n, EFF_EXEC);
		if (cb)
			cb(ctx, n);
		if (n->flags & NODE_STARTED) {
			n = n->loader;
			continue;
		}
		AUTO(str_fini) struct str interp = STR_INIT;
		struct node *loader = NULL;

		if (n->kind == FSV_FILE && S_ISREG(n->st.st_mode)) {
			note_privileges(r, n);
			read_interpreter(n, &interp);
		}
		if (interp.len)
			loader = record_name(r, cwd, interp.s, EFF_EXEC);
		if ((interp.len == 0 || interp.s[0] == '/') && !(n->flags & NODE_MADE)) {
			n->loader = loader;
			n->flags |= NODE_STARTED;
		}
		n = loader;
	}
}

/* glibc's asks for ld.so.preload by name before it does anything else. */
static bool
calls_for_certain(const struct node *loader)
{
	const char *base = path_base(loader->path);

	return str_has_prefix(base, "ld-") && !str_has_prefix(base, "ld-musl");
}

bool
program_may_be_silent(struct node *const *chain, size_t n)
{
	const struct node *last = n ? chain[n - 1] : NULL;
	AUTO(elf_head_fini) struct elf_head elf = ELF_HEAD_INIT;
	AUTO(fd_drop) int fd = last ? view_open(last->path, last->len, O_RDONLY) : -1;
	struct statvfs fs;

	if (!last || (n > 1 && calls_for_certain(last)))
		return false;
	if (fd < 0) /* that it may be executed says nothing about reading */
		return true;
	return elf_read(fd, &elf) == 0 && !elf.has_interp &&
	       (fstatvfs(fd, &fs) < 0 || !(fs.f_flag & ST_NOEXEC));
}
