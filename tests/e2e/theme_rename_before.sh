#!/bin/sh
# After a capture that renamed and changed its inputs the package has the inputs.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
tool
echo in >in && echo old >target && echo edit >edit && echo gone >gone
capture ./tool mv in was put target new add edit more rm gone
for f in in:in target:old edit:edit gone:gone; do
	[ "$(cat "$PACKAGE/cde-root$SRC/${f%:*}")" = "${f#*:}" ] ||
		fail "${f%:*} is not as it was before the run"
done
not_in_package "$SRC/was"
