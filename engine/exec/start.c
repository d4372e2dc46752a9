#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "exec/session.h"
#include "exec/store.h"
#include "path/lex.h"
#include "trace/peek.h"
#include "tree/elf.h"
#include "tree/script.h"

/*
 * Starting a program as execve(2) does: scripts are taken apart here, because
 * the kernel would open the host's interpreter; a dynamic program is started
 * from a copy that names the package's loader, so that argv, comm and auxv are
 * right by nature.
 */

enum { SCRIPTS_MOST = 5, AT_FLAGS_GONE = AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW };

struct start {
	struct str exe; /* virtual name of what the kernel will run */
	struct str real;
	struct str name; /* as the caller called it: AT_EXECFN, a script's argument */
	struct str comm;
	VEC(char *) words; /* what scripts put in front of argv[1] */
	struct elf_head head;
};

static void
start_fini(struct start *x)
{
	str_fini(&x->exe);
	str_fini(&x->real);
	str_fini(&x->name);
	str_fini(&x->comm);
	for (size_t i = 0; i < x->words.n; i++)
		free(x->words.v[i]);
	vec_fini(&x->words);
	elf_head_fini(&x->head);
}

/* What s->look found becomes the program to run.  0 or -errno. */
static int
take_look(struct session *s, struct start *x)
{
	const struct look *l = &s->look;

	if (l->side == SIDE_HIDDEN || l->walk.kind == FSV_MISSING)
		return -ENOENT;
	if (l->walk.kind == FSV_LINK)
		return -ELOOP;
	if (l->walk.kind == FSV_DIR || l->placeholder)
		return -EACCES;
	if (s->world.stream && l->side == SIDE_PACKAGE) {
		int r = stream_use(s->world.stream, l->walk.abs.s);

		if (r < 0)
			return r;
	}
	str_set(&x->exe, l->walk.abs.s);
	world_real(&s->world, l->side, l->walk.abs.s, &x->real);
	return 0;
}

/* Name and object of the call itself.  1: leave it to the kernel. */
static int
take_call(struct session *s, struct proc *p, const struct path_event *ev, struct start *x)
{
	bool moved;
	int r;

	if (ev->dirfd != AT_FDCWD && ev->name.s[0] != '/')
		str_addf(&x->name, "/dev/fd/%d%s%s", ev->dirfd, ev->fd_itself ? "" : "/",
			 ev->name.s);
	else
		str_set(&x->name, ev->name.s);
	if (!ev->fd_itself) {
		r = session_look(s, p, ev, ev->walk, &moved);
		if (r != 0)
			return r;
		str_set(&x->comm, path_base(ev->name.s));
		return take_look(s, x);
	}
	str_addf(&x->real, "/proc/%d/fd/%d", p->tid, ev->dirfd);
	if (fs_readlink(AT_FDCWD, x->real.s, &s->text) < 0)
		return 1;
	str_set(&x->exe, world_virtual(&s->world, s->text.s));
	str_set(&x->comm, path_base(x->exe.s));
	return 0;
}

/* Look up a name that the kernel would find from the cwd: interpreters. */
static int
look_from_cwd(struct session *s, struct proc *p, const char *name)
{
	bool moved;
	int r = session_look_at(s, p, AT_FDCWD, name, WALK_FOLLOW, &moved);

	return r > 0 ? -ENOENT : r;
}

/* One "#!" line: words in front, and the interpreter becomes the program. */
static int
enter_script(struct session *s, struct proc *p, const struct script_line *line,
	     struct start *x)
{
	char *words[3];
	size_t n = 0;
	int r;

	/* Of the script before, its name is replaced by nothing: it stays the
	 * argument of its own interpreter. */
	words[n++] = mem_strdup(line->interp.s);
	if (line->has_arg)
		words[n++] = mem_strdup(line->arg.s);
	if (!x->words.n)
		words[n++] = mem_strdup(x->name.s);
	for (size_t i = 0; i < n; i++)
		vec_push(&x->words, NULL);
	memmove(x->words.v + n, x->words.v, (x->words.n - n) * sizeof(x->words.v[0]));
	memcpy(x->words.v, words, n * sizeof(words[0]));
	if (!line->interp.len)
		return -EACCES; /* a lone "#!", as the kernel answers it */
	r = look_from_cwd(s, p, line->interp.s);
	return r < 0 ? r : take_look(s, x);
}

static bool
may_execute(const char *real)
{
	struct stat st;

	return stat(real, &st) == 0 && S_ISREG(st.st_mode) &&
	       faccessat(AT_FDCWD, real, X_OK, AT_EACCESS) == 0;
}

/* A script that is named by a descriptor which the exec closes cannot be opened by
 * its interpreter: the kernel says ENOENT (PTRACE.md 39). */
static bool
script_vanishes(const struct proc *p, const struct start *x)
{
	AUTO(str_fini) struct str name = STR_INIT, text = STR_INIT;
	const char *flags;

	if (!str_has_prefix(x->name.s, "/dev/fd/") || x->words.n)
		return false;
	str_addf(&name, "/proc/%d/fdinfo/%d", p->tid,
		 atoi(x->name.s + strlen("/dev/fd/")));
	if (fs_slurp(AT_FDCWD, name.s, &text, NULL) < 0)
		return false;
	flags = strstr(text.s, "flags:");
	return flags && (strtoul(flags + strlen("flags:"), NULL, 8) & O_CLOEXEC);
}

/* Follow "#!" until a program; *fd is open on it.  0 or -errno. */
static int
find_program(struct session *s, struct proc *p, struct start *x, int *fd)
{
	AUTO(script_line_fini) struct script_line line = SCRIPT_LINE_INIT;
	char head[SCRIPT_HEAD];

	for (int depth = 0;; depth++) {
		ssize_t n;
		int r;

		if (!may_execute(x->real.s))
			return -EACCES;
		fd_drop(fd);
		*fd = open(x->real.s, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (*fd < 0)
			return 0; /* x without r: only the kernel can start it */
		n = pread(*fd, head, sizeof(head), 0);
		r = n < 0 ? -errno : script_parse(head, (size_t)n, &line);
		if (r <= 0)
			return r;
		if (depth == SCRIPTS_MOST)
			return -ELOOP;
		if (script_vanishes(p, x))
			return -ENOENT;
		r = enter_script(s, p, &line, x);
		if (r < 0)
			return r;
	}
}

/* The name to give to the kernel, in x->real. */
static void
choose_loader(struct session *s, struct proc *p, struct start *x, int fd)
{
	AUTO(str_fini) struct str loader = STR_INIT, to = STR_INIT;
	struct err e = ERR_INIT;

	if (!s->world.store.len && store_open(&s->world.store, &e) < 0)
		log_debug("%s", e.text.s);
	err_fini(&e);
	if (fd >= 0 && !s->host_loader && elf_read(fd, &x->head) == 0 &&
	    x->head.has_interp && look_from_cwd(s, p, x->head.interp.s) == 0 &&
	    s->look.side == SIDE_PACKAGE && s->look.walk.kind == FSV_FILE &&
	    (!s->world.stream || stream_use(s->world.stream, s->look.walk.abs.s) == 0)) {
		world_real(&s->world, SIDE_PACKAGE, s->look.walk.abs.s, &loader);
		if (store_program(&s->world.store, fd, &x->head, loader.s, x->comm.s,
				  &to) == 0) {
			str_swap(&x->real, &to);
			return;
		}
	}
	if (strcmp(path_base(x->real.s), x->comm.s) == 0 ||
	    strcmp(x->exe.s, x->real.s) == 0 || str_has_prefix(x->real.s, "/proc/"))
		return;
	if (store_alias(&s->world.store, x->real.s, x->comm.s, &to) == 0)
		str_swap(&x->real, &to);
}

/* argv of the call: pointers, as 64-bit values, without the NULL.  -EFAULT. */
static int
read_argv(const struct proc *p, taddr at, size_t word, uint64_t **v, size_t *n)
{
	uint64_t page[512];
	size_t cap = 0;

	*v = NULL;
	*n = 0;
	while (at) {
		int got = peek_some(p->tid, at, page, sizeof(page) - at % sizeof(page));

		if (got < (int)word)
			return -EFAULT;
		for (size_t i = 0; i + word <= (size_t)got; i += word) {
			uint64_t w = 0;

			memcpy(&w, (char *)page + i, word);
			if (!w)
				return 0;
			if (*n == cap)
				*v = mem_resize(*v, cap = cap ? cap * 2 : 64,
						sizeof(**v));
			(*v)[(*n)++] = w;
		}
		at += (size_t)got / word * word;
	}
	return 0;
}

/* Words of the scripts and what is left of argv, as a new array in the tracee. */
static int
patch_argv(struct proc *p, const struct start *x, int arg)
{
	struct scratch *sc = tracee_of(p)->scratch;
	size_t word = p->sys.arch == ARCH_I386 ? 4 : 8, n = 0, total, len = 0;
	AUTO(mem_free) uint64_t *old = NULL;
	AUTO(mem_free) char *array = NULL;
	taddr at;

	if (!x->words.n)
		return 0;
	if (read_argv(p, p->sys.arg[arg], word, &old, &n) < 0)
		return -EFAULT;
	total = x->words.n + (n ? n - 1 : 0) + 1;
	array = mem_alloc(total * word);
	for (size_t i = 0; i < x->words.n; i++, len += word) {
		at = scratch_put(sc, p->tid, x->words.v[i], strlen(x->words.v[i]) + 1);
		if (!at)
			return -E2BIG;
		memcpy(array + len, &at, word);
	}
	for (size_t i = 1; i < n; i++, len += word)
		memcpy(array + len, &old[i], word);
	at = scratch_put(sc, p->tid, array, total * word);
	if (!at)
		return -E2BIG;
	proc_set_arg(p, arg, at);
	return 0;
}

static bool
runs_hosts(const struct tracee *t)
{
	return t->program && t->program->host;
}

static void
set_next(struct tracee *t, const struct start *x, const struct rule_process *native)
{
	program_unref(t->next);
	t->next = program_new(x->exe.s, native);
	t->next->host = runs_hosts(t);
	str_set(&t->execfn, x->name.s);
}

/* The kernel starts it as it is; its name is put right where links of the package led
 * to it. */
static int
leave_to_host(struct session *s, struct proc *p, const struct path_event *ev,
	      struct start *x)
{
	int arg = ev->operand->arg, r = 0;

	set_next(tracee_of(p), x, NULL);
	tracee_of(p)->next->host = true;
	if (s->look.any_package || s->look.any_upper || s->look.faked ||
	    ev->name.s[0] != '/')
		r = redirect_arg(s, p, arg, &x->real);
	return r < 0 || runs_hosts(tracee_of(p)) ? r : host_variables(s, p, arg + 2);
}

static int
prepare(struct session *s, struct proc *p, const struct path_event *ev, struct start *x)
{
	AUTO(fd_drop) int fd = -1;
	const struct rule_process *native;
	int arg = ev->operand->arg, r;

	r = take_call(s, p, ev, x);
	if (r == 0 && !ev->fd_itself && host_has_program(s))
		return leave_to_host(s, p, ev, x);
	if (r == 0)
		r = find_program(s, p, x, &fd);
	if (r != 0)
		return r;
	native = rules_process(s->world.rules, x->exe.s);
	set_next(tracee_of(p), x, native);
	if (native)
		return 1;
	choose_loader(s, p, x, fd);
	r = patch_argv(p, x, arg + 1);
	if (r == 0)
		r = redirect_arg(s, p, arg, &x->real);
	if (r == 0 && ev->operand->flagarg >= 0 &&
	    (p->sys.arg[ev->operand->flagarg] & AT_FLAGS_GONE))
		proc_set_arg(p, ev->operand->flagarg,
			     p->sys.arg[ev->operand->flagarg] & ~(uint64_t)AT_FLAGS_GONE);
	return r;
}

enum resume
redirect_exec(struct session *s, struct proc *p, const struct path_event *ev)
{
	AUTO(start_fini)
	struct start x = {
		.exe = STR_INIT,
		.real = STR_INIT,
		.name = STR_INIT,
		.comm = STR_INIT,
		.head = ELF_HEAD_INIT,
	};
	struct program *i = tracee_of(p)->program;
	int r = prepare(s, p, ev, &x);

	if (r > 0)
		return tracee_of(p)->next ? RESUME_EXIT : RESUME_RUN;
	if (r == 0)
		return RESUME_EXIT;
	if (r == -ENOENT || s->look.placeholder)
		missing_add(&s->missing, p->row->name, s->look.walk.abs.s, -r,
			    s->look.placeholder, i ? i->exe : NULL);
	proc_skip(p, r);
	return RESUME_RUN;
}
