#!/bin/sh
# A program that forbids others to read its memory (prctl PR_SET_DUMPABLE, as agents with
# secrets do) is named: capture cannot see what it opens, the ptrace engine cannot send it to
# the package, and the namespace engine needs not.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
[ -z "$CDE_ROOTLY" ] || skip "root may read all memory"
need cc
cat >agent.c <<'END'
#include <stdio.h>
#include <sys/prctl.h>

int main(void)
{
	char line[80] = "";
	FILE *f = fopen("seen", "r");

	if (!f || !fgets(line, sizeof(line), f))
		return 1;
	fclose(f);
	prctl(PR_SET_DUMPABLE, 0);
	f = fopen("secret", "r");
	fputs(f && fgets(line, sizeof(line), f) ? line : "nothing\n", stdout);
	return 0;
}
END
cc -o agent agent.c || broken "cc agent.c"
echo seen >seen && echo secret >secret
capture ./agent
status_is capture 0
out_has capture secret
err_has capture 'do not let others read their memory'
err_has capture "$SRC/agent"
[ -e "$PACKAGE/cde-root$SRC/seen" ] || fail "what it read before is not there"
[ ! -e "$PACKAGE/cde-root$SRC/secret" ] || fail "capture did see it: this case proves nothing"

echo ours >"$PACKAGE/cde-root$SRC/secret"
cd "$PACKAGE/cde-root$SRC" || exit
record run "$PACKAGE/cde-exec" --engine "$EXEC_ENGINE" ./agent
status_is run 0
case $EXEC_ENGINE in
namespace)
	out_has run ours
	[ ! -s "$WORK/run.err" ] || fail "said: $(cat "$WORK/run.err")"
	;;
*)
	err_has run 'does not let others read its memory'
	err_has run "$SRC/agent"
	;;
esac
exit 0
