#ifndef CDE_TRACE_SYS_H
#define CDE_TRACE_SYS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The system call table.  sys.def has one row for each call that carries a path
 * (or the address of one); nr_ARCH.def has the number of every call of an
 * architecture, so that a number which is in neither is known to be unknown.
 */
enum arch { ARCH_X86_64, ARCH_I386, ARCH_COUNT };

/* What a call does to the object that an operand names. */
enum effect {
	EFF_NONE,
	EFF_STAT,   /* looks at it: stat, access, readlink, statfs, getxattr … */
	EFF_OPEN,   /* only in the table: decode refines it to one of the next four */
	EFF_READ,   /* opened for reading (O_PATH: EFF_STAT) */
	EFF_LIST,   /* opened with O_DIRECTORY: may be listed */
	EFF_WRITE,  /* opened for writing, not truncated, exists or not (O_CREAT) */
	EFF_TRUNC,  /* content goes: O_TRUNC, truncate(2), creat */
	EFF_MODIFY, /* metadata: chmod, chown, utimens, setxattr … */
	EFF_EXEC,
	EFF_CREATE, /* makes a new name: mkdir, mknod, symlink, link's second, bind */
	EFF_DELETE, /* unlink, rmdir */
	EFF_RENAME_FROM,
	EFF_RENAME_TO, /* may replace what is there */
	EFF_LINK_FROM, /* gets a second name */
	EFF_CHDIR,
	EFF_CONNECT, /* AF_UNIX: connect, sendto, sendmsg */
	EFF_MOUNT,   /* mount points, chroot, pivot_root */
};

/* Where an operand's text is. */
enum operand_kind {
	OP_NONE,
	OP_PATH,     /* arg: char * */
	OP_SOCKADDR, /* arg: struct sockaddr *, arg + 1 (lenarg): its length */
	OP_MSGHDR,   /* arg: struct msghdr * with msg_name */
	OP_MMSGHDR,  /* arg: struct mmsghdr *; the first one */
};

/* How the last component is treated. */
enum operand_follow {
	FOLLOW,
	NOFOLLOW,
	BY_OFLAG,	/* flagarg holds open(2) flags */
	BY_HOW,		/* flagarg points to struct open_how */
	BY_AT_NOFOLLOW, /* flagarg has AT_SYMLINK_NOFOLLOW (0x100) */
	BY_AT_FOLLOW,	/* flagarg has AT_SYMLINK_FOLLOW (0x400) */
	BY_INOTIFY,	/* flagarg has IN_DONT_FOLLOW */
	BY_FANOTIFY,	/* flagarg has FAN_MARK_DONT_FOLLOW */
	BY_UMOUNT,	/* flagarg has UMOUNT_NOFOLLOW */
	BY_FSPICK,	/* flagarg has FSPICK_SYMLINK_NOFOLLOW */
	BY_MOVE_FROM,
	BY_MOVE_TO, /* move_mount flags */
};

#define DIR_CWD (-1) /* operand.dirarg: relative to the cwd */

struct sys_operand {
	enum operand_kind kind;
	int8_t dirarg; /* argument that holds the dirfd, or DIR_CWD */
	int8_t arg;    /* argument that holds the address */
	enum operand_follow follow;
	int8_t flagarg; /* argument with the flags; -1: none */
	enum effect effect;
	bool empty_ok; /* AT_EMPTY_PATH in flagarg, or NULL, means dirfd itself */
};

enum sys_flags {
	SYS_EXEC_ONLY = 1 << 1,	   /* no path operand; only execution stops at it */
	SYS_ADDR_ARG = 1 << 2,	   /* stop only if argument `cond` is not 0 */
	SYS_TOPOLOGY = 1 << 3,	   /* may change what a cached look-up of a directory
				      or link says: rename, symlink, mount … */
	SYS_RESULT_PATH = 1 << 4,  /* writes a path to the program: getcwd, readlink */
	SYS_RESULT_ADDR = 1 << 5,  /* writes a sockaddr to the program */
	SYS_CAPTURE_ONLY = 1 << 6, /* no path: capture by a tracer wants to know who
				      calls it */
	SYS_INDIRECT = 1 << 7, /* socketcall: the arguments of another call in memory */
	SYS_NOTIFY_ONLY = 1 << 8, /* as CAPTURE_ONLY, for capture by notification */
	SYS_PRCTL = 1 << 9,	  /* stop only at some operations (argument 0) */
	SYS_LISTING = 1 << 10,	  /* writes names of a directory */
	SYS_CHANGES = 1 << 11,	  /* no path: changes what a descriptor is; stops only
				      execution that holds changes back */
	SYS_ANSWERED = 1 << 12,	  /* only its result matters, so that the tracer can make
				      it for the program: notice.h */
};

struct sys {
	const char *name;
	struct sys_operand operand[2];
	unsigned flags;
	int8_t cond; /* for SYS_ADDR_ARG */
};

/* NULL: no path, or unknown. */
const struct sys *sys_by_number(enum arch a, uint64_t nr);
const struct sys *sys_by_name(const char *name);
bool sys_is_known(enum arch a, uint64_t nr);
const char *sys_name(enum arch a, uint64_t nr); /* "openat", or NULL */
int sys_number(enum arch a, const char *name);	/* -1: arch has no such call */

/* All rows, for filters, documentation and tests. */
extern const struct sys sys_table[];
extern const unsigned sys_table_count;

static inline bool
effect_writes(enum effect e) /* the object (or its name) will not be the same after */
{
	return e == EFF_WRITE || e == EFF_TRUNC || e == EFF_MODIFY || e == EFF_DELETE ||
	       e == EFF_RENAME_FROM || e == EFF_RENAME_TO;
}

#endif
