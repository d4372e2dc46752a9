#ifndef CDE_EXEC_SESSION_H
#define CDE_EXEC_SESSION_H

#include "exec/env.h"
#include "exec/missing.h"
#include "exec/scratch.h"
#include "exec/world.h"
#include "trace/decode.h"
#include "trace/loop.h"

/*
 * Execution by ptrace: each path call of the program is decoded, looked up in
 * the world, and, where the kernel would take another object than the program
 * means, rewritten; arguments are put back at its end.
 */

/* What a process runs; shared by its threads and forks until their exec. */
struct program {
	unsigned refs;
	char *exe;			   /* virtual name of the program */
	const struct rule_process *native; /* ignore_process block, or NULL */
	bool host; /* of this machine: nothing is redirected (host.c) */
};

/* A name in a side with an upper tree, to be looked at when the call has ended. */
struct settle {
	struct str abs;
	enum side side;
	bool hidden; /* what lower has there stays hidden, if it is a directory now */
};

/* The sink's part of a tracee. */
struct tracee {
	struct scratch *scratch;
	struct program *program;
	struct program *next; /* of an exec that is under way */
	struct str root;      /* virtual name of its root after chroot, else "" */
	struct str execfn;    /* what that exec was called with */
	int held;	      /* descriptor that must live until the call ends, or -1 */
	uint64_t room;	      /* size of an address buffer before the call */
	taddr copied;	      /* our copy of the messages of a sendmmsg */
	struct settle settle[2];
	unsigned settles;
};

struct session {
	struct world world;
	struct trace *trace;
	struct decode d;
	struct look look;
	int side;		   /* enum side of the operand at hand, or -1 */
	bool moves_dir;		   /* … the first one of a rename is a directory */
	bool made;		   /* … the name does not exist yet (change.c) */
	struct str base, to, text; /* scratch */
	bool direct;		   /* the call at hand is made by us (direct.c) … */
	struct str direct_name;	   /* … with this name instead of the program's */
	struct missing missing;
	struct unnamed_seen unnamed;
	struct map alias;   /* short socket name → virtual name (char *) */
	struct map dirfd;   /* real directory → descriptor, for short names */
	struct map listing; /* open directory → names still to come (listing.c) */
	struct map lacks[ARCH_COUNT]; /* names of calls → 1: the kernel has it; 2: not */
	const struct env *env; /* what the first program was given; NULL: not known */
	char *const *host_env; /* this machine's variables */
	bool host_loader;      /* -l */
	bool no_network;       /* -n */
	bool guarded_said;     /* that a program's memory may not be read */
};

extern const struct trace_ops session_ops;

void session_init(struct session *s, struct layout *pkg, struct rules *rules,
		  bool seamless);
void session_fini(struct session *s);

struct program *program_new(const char *exe, const struct rule_process *native);
struct program *program_ref(struct program *i);
void program_unref(struct program *i);

/* Virtual, canonical name of the program that pid runs, NULL if it is not ours. */
const char *session_exe(void *session, pid_t pid);

static inline struct tracee *
tracee_of(struct proc *p)
{
	return p->user;
}

/* Look up an event's name for p.  Walk result, or 1: leave it to the kernel
 * (a name relative to a bad or deleted directory).  *base_moved: the directory it
 * is relative to has another real name than virtual name. */
int session_look(struct session *s, struct proc *p, const struct path_event *ev,
		 unsigned how, bool *base_moved);

/* The same for a name that stands in no event. */
int session_look_at(struct session *s, struct proc *p, int dirfd, const char *name,
		    unsigned how, bool *base_moved);

/*
 * redirect.c.  Would the kernel, given the name as it stands, come to the same object?
 * `moved`: of session_look.
 */
bool redirect_is_same(const struct session *s, const struct path_event *ev, bool moved);

/* One path operand.  RESUME_EXIT when an argument was patched. */
enum resume redirect_path(struct session *s, struct proc *p, struct path_event *ev);

/* Put a real name into the tracee as argument n; long names are shortened by a
 * descriptor of ours.  0 or -errno. */
int redirect_arg(struct session *s, struct proc *p, int n, const struct str *real);

/* A name of at most `most` bytes for `real`, through /proc/PID/fd of this
 * process where it is longer.  0 or -ENAMETOOLONG. */
int redirect_shorten(struct session *s, const struct str *real, size_t most,
		     struct str *out);

/* direct.c: of a call that came by notification, when it was entered. */
enum notice direct_call(struct session *s, struct proc *p, enum resume wanted, int *fd);

/* … that is let go, and not looked into. */
enum notice direct_pass(const struct proc *p);

/* start.c: execve and execveat. */
enum resume redirect_exec(struct session *s, struct proc *p, const struct path_event *ev);

/* host.c: is what s->look found a program of this machine, to be run as such? */
bool host_has_program(const struct session *s);

/* … its variables (env_of_host) become argument n.  0 or -errno. */
int host_variables(struct session *s, struct proc *p, int n);

/*
 * change.c: before a call changes something on a side with an upper tree.  0: go on with
 * s->to, the real name; 1: it is done, with success; -errno: the answer.
 */
int change_enter(struct session *s, struct proc *p, const struct path_event *ev);

/* The same for a name that is empty: a descriptor.  0 or -errno. */
int change_named(struct session *s, struct proc *p, const struct path_event *ev);

/* … and for calls that have no name. */
void change_descriptor(struct session *s, struct proc *p);

/* The call has ended, or its thread. */
void change_settle(struct session *s, struct tracee *t);

/* socket.c: addresses. */
enum resume redirect_address(struct session *s, struct proc *p,
			     const struct path_event *ev);
enum resume redirect_messages(struct session *s, struct proc *p); /* sendmmsg */
void socket_messages_sent(struct proc *p);
enum resume redirect_socketcall(struct session *s, struct proc *p);
enum resume socket_results_wanted(struct session *s, struct proc *p);
void socket_results(struct session *s, struct proc *p);
void socketcall_results(struct session *s, struct proc *p);
/* 0: may go on; -errno: the answer of a cut network. */
int socket_cut(const struct session *s, const struct proc *p);

/* listing.c: getdents of a directory whose names are not all on one side. */
enum resume listing_wanted(struct session *s, struct proc *p);
void listing_results(struct session *s, struct proc *p);
void listings_fini(struct session *s);

/* answer.c: what the program reads back. */
/* A link of /proc, which s->look has found; false: leave it to the kernel. */
bool answer_readlink(struct session *s, struct proc *p, const struct path_event *ev);
void answer_getcwd(struct session *s, struct proc *p);
/* A copy of /proc/PID/maps and its like with virtual names: its descriptor, or -1. */
int answer_maps(struct session *s, const char *abs);

#endif
