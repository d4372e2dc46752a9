#ifndef CDE_TRACE_LISTENER_H
#define CDE_TRACE_LISTENER_H

#include <linux/seccomp.h>

#include "trace/proc.h"

/*
 * What all have in common who receive calls by seccomp_unotify(2): capture (notify.h),
 * execution (notice.h) and the namespace engine (exec/ns_watch).
 */

/* The listener that is descriptor `fd` of process pid: ours, too, or -errno. */
int listener_fetch(pid_t pid, int fd);

/* Let caller and supervisor take turns on one processor (Linux 6.6, PTRACE.md 51).
 * False: this kernel cannot, and each wake-up goes through the scheduler's choice. */
bool listener_wake_here(int listener);

/* Sizes of the kernel's struct seccomp_notif and seccomp_notif_resp; of ours at least. */
void listener_sizes(size_t *request, size_t *response);

enum arch listener_arch(const struct seccomp_data *d);

/* p->sys, p->saved and p->row become those of the call. */
void listener_call(struct proc *p, const struct seccomp_data *d);

#endif
