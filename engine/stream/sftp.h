#ifndef CDE_STREAM_SFTP_H
#define CDE_STREAM_SFTP_H

#include "base/err.h"
#include "base/map.h"

/*
 * The SFTP protocol, version 3, over a child process: requests go out without
 * waiting for the answers to those before (on a slow line that is all the speed).
 * draft-ietf-secsh-filexfer-02 is what every server speaks.
 */
enum {
	SSH_FXP_INIT = 1,
	SSH_FXP_VERSION = 2,
	SSH_FXP_OPEN = 3,
	SSH_FXP_CLOSE = 4,
	SSH_FXP_READ = 5,
	SSH_FXP_LSTAT = 7,
	SSH_FXP_FSTAT = 8,
	SSH_FXP_OPENDIR = 11,
	SSH_FXP_READDIR = 12,
	SSH_FXP_READLINK = 19,
	SSH_FXP_STATUS = 101,
	SSH_FXP_HANDLE = 102,
	SSH_FXP_DATA = 103,
	SSH_FXP_NAME = 104,
	SSH_FXP_ATTRS = 105,
};

/* An answer, read from the front.  Reading past its end gives 0 and marks it bad. */
struct sftp_reply {
	int type;
	const char *p;
	size_t left;
	bool bad;
};

struct sftp_attrs {
	bool has_size, has_mode, has_mtime;
	uint64_t size;
	uint32_t mode, mtime;
};

typedef void sftp_answer(void *ctx, struct sftp_reply *r);

struct sftp;

/* Starts `argv`, and greets the server behind it, whose answer is not waited for.  NULL with
 * a reason. */
struct sftp *sftp_start(char *const *argv, struct err *e);
void sftp_stop(struct sftp *c);

/* A request: begin, its fields, send.  `answer` is called from sftp_pump. */
void sftp_begin(struct sftp *c, int type, sftp_answer *answer, void *ctx);

/* The same with a ctx from the heap: `answer` frees it, or, if none comes, sftp_stop. */
void sftp_begin_owned(struct sftp *c, int type, sftp_answer *answer, void *ctx);
void sftp_add_u32(struct sftp *c, uint32_t v);
void sftp_add_u64(struct sftp *c, uint64_t v);
void sftp_add_bytes(struct sftp *c, const char *s, size_t n);
void sftp_send(struct sftp *c);

/* Requests that are not answered yet. */
size_t sftp_waiting(const struct sftp *c);

/* Send what there is to send, take what there is; waits for at least one answer, or until
 * the descriptor `wake` can be read.  -1: the connection is gone. */
int sftp_pump(struct sftp *c, int wake, struct err *e);

uint32_t reply_u32(struct sftp_reply *r);
uint64_t reply_u64(struct sftp_reply *r);
const char *reply_bytes(struct sftp_reply *r, size_t *n);
struct sftp_attrs reply_attrs(struct sftp_reply *r);

/* errno of a STATUS answer: 0 for OK, -ENODATA for "end of file". */
int reply_status(struct sftp_reply *r);

#endif
