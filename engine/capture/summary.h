#ifndef CDE_CAPTURE_SUMMARY_H
#define CDE_CAPTURE_SUMMARY_H

#include "capture/capture.h"

/* Ask the host whose the newly captured files are, and write it down.  The user's are
 * those below home ("": none) and the cwd of the run. */
void summary_origins(struct manifest *m, const char *home, const char *cwd);

/* What could not be kept, one line each; nothing when all went well. */
void summary_problems(const struct capture *c);

/* "143 files, 52.1 MB, 12 distro packages → DIR · run: … · review: …" */
void summary_closing(struct manifest *m, const char *dir, const char *cmd,
		     struct str *out);

#endif
