#include "inspect/lookup.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "inspect/db.h"

enum { LOOKUPS_MOST = 100000 };

void
lookup_fini(lookup_list *x)
{
	for (size_t i = 0; i < x->n; i++) {
		free(x->v[i].path);
		free(x->v[i].call);
		free(x->v[i].program);
	}
	vec_fini(x);
}

int
lookup_read_capture(struct package *p, lookup_list *out, struct err *e)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	int got;

	if (!p->db)
		return 0;
	if (db_prepare(
		    p, &s,
		    "SELECT m.path, m.call, m.count, x.exe FROM miss m LEFT JOIN process "
		    "x ON x.id = m.process ORDER BY m.id LIMIT 100000",
		    e) < 0)
		return -1;
	while ((got = db_step(p, s, e)) > 0) {
		size_t len;
		const char *path = db_name(s, 0, &len);

		if (path && db_is_path(path, len))
			vec_push(out, ((struct lookup){
					      .path = db_dup(s, 0),
					      .call = db_dup(s, 1),
					      .program = db_dup(s, 3),
					      .count = sqlite3_column_int64(s, 2) }));
	}
	return got;
}

static char *
string_of(const json_t *line, const char *key)
{
	const char *s = json_string_value(json_object_get(line, key));

	return s ? mem_strdup(s) : NULL;
}

static void
read_line(const char *text, size_t len, lookup_list *out)
{
	json_t *line = json_loadb(text, len, 0, NULL);
	struct lookup x = { .path = string_of(line, "path"),
			    .call = string_of(line, "call"),
			    .program = string_of(line, "program"),
			    .count = json_integer_value(json_object_get(line, "count")),
			    .later = true,
			    .placeholder =
				    json_is_true(json_object_get(line, "placeholder")) };

	json_decref(line);
	if (x.path && db_is_path(x.path, strlen(x.path)) && out->n < LOOKUPS_MOST) {
		vec_push(out, x);
		return;
	}
	free(x.path);
	free(x.call);
	free(x.program);
}

void
lookup_parse(const struct str *text, lookup_list *out)
{
	for (size_t i = 0; i < text->len;) {
		const char *end = memchr(text->s + i, '\n', text->len - i);
		size_t n = end ? (size_t)(end - text->s) - i : text->len - i;

		read_line(text->s + i, n, out);
		i += n + 1;
	}
}

int
lookup_read(struct package *p, lookup_list *out, struct err *e)
{
	AUTO(str_fini) struct str text = STR_INIT;
	struct stat st;

	if (lookup_read_capture(p, out, e) < 0)
		return -1;
	if (fstatat(p->layout.dirfd, PKG_MISSING, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISREG(st.st_mode))
		return 0;
	if (fs_slurp(p->layout.dirfd, PKG_MISSING, &text, e) < 0)
		return -1;
	lookup_parse(&text, out);
	return 0;
}
