#ifndef CDE_INSPECT_DOCTOR_H
#define CDE_INSPECT_DOCTOR_H

#include "inspect/package.h"

/*
 * Can this machine run the package?  Nothing of the package is started.  Facts of its
 * files are needed: ftype_update comes before.
 */
enum doctor_verdict { DOCTOR_OK, DOCTOR_WARN, DOCTOR_FAIL };

typedef void doctor_cb(void *ctx, const char *check, enum doctor_verdict v,
		       const char *text);

int doctor_run(struct package *p, doctor_cb *cb, void *ctx, struct err *e);

#endif
