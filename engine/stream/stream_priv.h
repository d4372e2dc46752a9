#ifndef CDE_STREAM_STREAM_PRIV_H
#define CDE_STREAM_STREAM_PRIV_H

#include <pthread.h>

#include "stream/fetched.h"
#include "stream/finish.h"
#include "stream/guess.h"
#include "stream/local.h"
#include "stream/maker.h"
#include "stream/mention.h"
#include "stream/meter.h"
#include "stream/remote.h"
#include "stream/stream.h"

/*
 * On disk, in .stream of the workspace: lock; checked, whose mtime is the last time
 * that the remote was asked for changes; dirs/KEY, the listing of one directory, as
 * it was made in cde-root; dirs/KEY.part, one that is being made.
 */
#define STREAM_DIR ".stream"

/* What is known about a directory; in memory, made at the first look. */
struct sdir {
	enum { SDIR_LOCAL, SDIR_REMOTE, SDIR_CLOSED } state;
	bool loaded; /* names are from dirs/KEY */
	struct names names;
	unsigned fetches; /* files fetched one by one: how far to read ahead */
};

struct config {
	struct str remote, ssh;
	unsigned max_age; /* seconds */
	bool compress;
};

struct stream {
	struct layout *pkg;
	struct remote *remote;
	struct config config;
	int dir, dirs; /* .stream, .stream/dirs */
	int lock;
	mode_t share;
	bool offline;
	struct fetched fetched;
	struct map known;   /* directory → struct sdir * */
	struct map guessed; /* directory → struct names *, listed along with others */
	struct map touched; /* names used in this run: 'f' or 'd' */
	struct map told;    /* names that a message was printed for */
	struct str program; /* whose profile is kept */
	struct map wishes;  /* names that are wanted when their directories are listed */
	struct map waits;   /* programs some of whose libraries were not found yet */
	struct maker maker;
	struct guesses guesses;
	struct mentions mentions;
	struct str gone;	  /* why the server was not reached */
	int64_t gone_until, tick; /* meter_now */
	int64_t checked;	  /* mtime of .stream/checked, ns */
	struct meter meter;
	struct finish finish;
};

/* config.c */
#define CONFIG_INIT \
	{ \
		STR_INIT, STR_INIT, 0, false \
	}
int config_read(struct config *c, const struct layout *l, struct err *e);
void config_fini(struct config *c);

/* index.c: the listing of `dir` on disk.  0: read; -ENOENT: there is none; -EIO: it
 * was not whole, and is as if the making of its names had been interrupted. */
int index_read(struct stream *s, const char *dir, struct names *n);
bool index_has(struct stream *s, const char *dir);
int index_write(struct stream *s, const char *dir, const struct names *n);
void index_drop(struct stream *s, const char *dir);

#define INDEX_CLOSED ".closed"
void index_close(struct stream *s, const char *dir);
bool index_is_closed(struct stream *s, const char *dir);

/* The mark of names that are being made.  begin: 1, it was there already. */
int index_begin(struct stream *s, const char *dir);

/* The directory's entry; finds out its state, and lists it on the remote if it is
 * there.  -errno: it could not be. */
int stream_know_dir(struct stream *s, const char *dir, struct sdir **d);

typedef VEC(char *) string_vec;

/* What the remote has at abs: *x is NULL if nothing.  0 or -errno. */
int stream_entry(struct stream *s, const char *abs, const struct names_entry **x);

/* List these directories, and have their names made.  0: ask each for its state; -1: no
 * server, or nothing can be made of the first. */
int list_dirs(struct stream *s, char *const *dirs, size_t n, struct err *e);

/* Nothing is known of it any more. */
void stream_forget_dir(struct stream *s, const char *dir);

/*
 * Listings that nobody has asked for yet: most are not needed, so their names are made
 * when they are.  What they are about may be a link, or nothing that the program will
 * find: list_guess says NULL if it is not known to be a directory of the remote.
 */
const struct names *list_guess(struct stream *s, const char *dir);
void list_keep_guess(struct stream *s, struct remote_list *l); /* takes its names */
void list_forget_guesses(struct stream *s);

/* 1: it was listed on a guess, and its names are here now; 0: it was not; -errno. */
int list_use_guess(struct stream *s, const char *dir);

/* Is its listing here, or in memory? */
bool list_is_known(struct stream *s, const char *dir);

/* Is it a file, by such a listing?  Its name is made then; *out has no text. */
bool list_file(struct stream *s, const char *abs, struct names_entry *out);

/* What stat said nothing of is as it was, or left out until the next look, with a message. */
void list_settle(struct stream *s, struct remote_list *l, const struct names *old);

/* Parts of it for the maker. */
int list_adopt(struct stream *s, const char *dir, int fd);
int list_make_name(struct stream *s, int fd, const char *dir, const char *name,
		   const struct names_entry *x);
int64_t list_time(struct stream *s, const char *dir); /* ns; 0: not known */
void list_set_time(int fd, int64_t mtime);

/* refresh.c.  Ask for all that is known here whether it has changed. */
int refresh_dirs(struct stream *s, struct err *e);
int refresh_of(struct stream *s, const char *abs, struct err *e); /* its directory */

/* fetch.c.  Fetch these files; the first is wanted, the others are welcome.  `again`: also
 * those that are here.  0, or -errno of the first; -1 with a text in e: no server.
 * `error` of each is set. */
struct want {
	char *abs;
	struct names_entry entry; /* without a text */
	int error;
};

typedef VEC(struct want) want_vec;
int fetch_batch(struct stream *s, want_vec *v, bool again, struct err *e);
void want_vec_fini(want_vec *v);

/* The same, for one file that has an entry. */
int fetch_file(struct stream *s, const char *abs, struct err *e);

/* A directory of cde-root, for reading.  Descriptor or -errno. */
int list_open(const struct stream *s, const char *abs);

/* readahead.c: guess what follows. */
void ahead_first(struct stream *s);			      /* an empty workspace */
void ahead_dirs(struct stream *s, const char *dir);	      /* this one is asked for */
void ahead_below(struct stream *s, const char *dir);	      /* this one is used */
void ahead_files(struct stream *s, const char *abs);	      /* this one is wanted */
struct names *ahead_names(struct stream *s, const char *dir); /* if they are here */
const char *ahead_suffix(const char *name);		      /* or NULL */
void string_vec_fini(string_vec *v);

/*
 * needed.c: what follows for certain, as far as it can be known from what is in memory;
 * what else would have to be known is asked for, and ahead_retry goes on when it is.
 */
void ahead_start(struct stream *s, const char *program);
void ahead_arrived(struct stream *s, const char *abs, const struct names_entry *x);
void ahead_retry(struct stream *s);
const struct names *ahead_peek(struct stream *s,
			       const char *dir);   /* in memory; or NULL */
int ahead_open(struct stream *s, const char *abs); /* content that is here, or -1 */

/* May the server be asked now?  false: offline, or it was not there a moment ago. */
bool stream_may_ask(struct stream *s, struct err *e);
void stream_note_gone(struct stream *s, const struct err *e);

/* One message for each name.  Returns -EIO. */
int stream_complain(struct stream *s, const char *abs, const struct err *e);

void stream_touch(struct stream *s, const char *abs, char type);

#endif
