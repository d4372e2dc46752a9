#ifndef CDE_INSPECT_DOCTOR_PRIV_H
#define CDE_INSPECT_DOCTOR_PRIV_H

#include "inspect/doctor.h"

struct doctor {
	struct package *p;
	doctor_cb *cb;
	void *ctx;
	struct err *e;
};

void doctor_say(struct doctor *d, const char *check, enum doctor_verdict v,
		const char *fmt, ...) PRINTF(4, 5);

/* doctor_host.c: libraries that a rule takes from this machine, against those that need
 * them, and what they need of the package's; the kernel that programs ask for. */
int doctor_libraries(struct doctor *d);
int doctor_kernel(struct doctor *d, const char *release);

#endif
