#include "trace/foreign.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/vec.h"

/* What the arguments say. */
enum arguments { ANYTHING, USERS, GROUPS, FLAGS };

static const struct call {
	const char *name;
	enum arguments what;
	int n; /* of USERS and GROUPS */
} calls[] = {
	{ "setuid", USERS, 1 },	      { "setuid32", USERS, 1 },
	{ "setgid", GROUPS, 1 },      { "setgid32", GROUPS, 1 },
	{ "setreuid", USERS, 2 },     { "setreuid32", USERS, 2 },
	{ "setregid", GROUPS, 2 },    { "setregid32", GROUPS, 2 },
	{ "setresuid", USERS, 3 },    { "setresuid32", USERS, 3 },
	{ "setresgid", GROUPS, 3 },   { "setresgid32", GROUPS, 3 },
	{ "setfsuid", USERS, 1 },     { "setfsuid32", USERS, 1 },
	{ "setfsgid", GROUPS, 1 },    { "setfsgid32", GROUPS, 1 },
	{ "setgroups", ANYTHING, 0 }, { "setgroups32", ANYTHING, 0 },
	{ "capset", ANYTHING, 0 },    { "landlock_restrict_self", ANYTHING, 0 },
	{ "unshare", FLAGS, 0 },      { "setns", ANYTHING, 0 },
};

static const struct call *
call_of(enum arch a, uint64_t nr)
{
	const char *name = sys_name(a, nr);

	for (size_t i = 0; name && i < ARRAY_SIZE(calls); i++)
		if (strcmp(name, calls[i].name) == 0)
			return &calls[i];
	return NULL;
}

bool
foreign_can(enum arch a, uint64_t nr)
{
	return call_of(a, nr);
}

/* -1 and our own number change nothing, as long as we have but one. */
static bool
are_ours(const struct sysregs *s, const struct call *c)
{
	uint32_t id, effective, saved;
	int r = c->what == USERS ? getresuid(&id, &effective, &saved)
				 : getresgid(&id, &effective, &saved);

	if (r < 0 || id != effective || id != saved)
		return false;
	/* in 16 bits -1 is something else */
	if (s->arch == ARCH_I386 && !strstr(c->name, "32"))
		return false;
	for (int i = 0; i < c->n; i++)
		if ((uint32_t)s->arg[i] != id && (uint32_t)s->arg[i] != (uint32_t)-1)
			return false;
	return true;
}

bool
foreign_by(const struct sysregs *s)
{
	const struct call *c = call_of(s->arch, s->nr);

	if (!c)
		return false;
	switch (c->what) {
	case USERS:
	case GROUPS:
		return !are_ours(s, c);
	case FLAGS:
		return s->arg[0] & (CLONE_NEWUSER | CLONE_NEWNS);
	case ANYTHING:
		break;
	}
	return true;
}

bool
foreign_is_born(pid_t pid)
{
	static const char *const kinds[] = { "user", "mnt" };
	struct stat a, b;
	char name[64];

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		snprintf(name, sizeof(name), "/proc/%d/ns/%s", pid, kinds[i]);
		if (stat(name, &a) < 0)
			return true;
		snprintf(name, sizeof(name), "/proc/self/ns/%s", kinds[i]);
		if (stat(name, &b) < 0 || a.st_ino != b.st_ino)
			return true;
	}
	return false;
}
