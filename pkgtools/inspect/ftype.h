#ifndef CDE_INSPECT_FTYPE_H
#define CDE_INSPECT_FTYPE_H

#include "inspect/package.h"

/*
 * What a file is: a short word of ours, what libmagic says, and facts that it does not
 * tell.  The words (column file.type):
 *
 *   elf-exec elf-so elf-obj elf-core   elf-exec: has an interpreter, or ET_EXEC
 *   script python perl ruby node shell java
 *   text data archive image audio video document font database empty
 *   dir link fifo socket device        (from the kind alone)
 */
struct ftype_fact {
	const char *key; /* constant: elf.class elf.machine elf.soname elf.needed
			  * elf.interp elf.runpath elf.build-id elf.isa script.interp
			  * python.import */
	char *value;	 /* bytes as in the file */
};

struct ftype {
	const char *type; /* constant */
	struct str mime, words;
	VEC(struct ftype_fact) fact;
};

#define FTYPE_INIT \
	{ \
		.type = "", .mime = STR_INIT, .words = STR_INIT \
	}
void ftype_fini(struct ftype *t); /* usable again */

struct ftyper; /* libmagic, opened when first needed; 30 ms and 8 MB */
struct ftyper *ftyper_new(void);
void ftyper_free(struct ftyper *f);

/* fd: a regular file of size `size`; `path` for what only names tell (.py, .jar).  Reads
 * the beginning and, for ELF, its headers.  0 or -errno from reading. */
int ftype_read(struct ftyper *f, int fd, uint64_t size, const char *path,
	       struct ftype *out);

/* From the name and kind alone; "" when that does not tell. */
const char *ftype_of_kind(char kind);

/*
 * Bring types and facts of the manifest up to date: rows of captured regular files
 * without a type.  limit 0: all; otherwise nothing is done and 1 returned when the
 * package has more rows than that.  Also 1: no manifest, or stopped by progress, which
 * may be NULL, and returns false for that.
 */
typedef bool ftype_progress(void *ctx, uint64_t done, uint64_t total, const char *path);
int ftype_update(struct package *p, uint64_t limit, ftype_progress *progress, void *ctx,
		 struct err *e);

#endif
