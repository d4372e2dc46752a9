#!/bin/sh
# A program that calls ptrace is named in the summary of the capture; its calls are passed on.
# shellcheck source=tests/harness/lib.sh
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"

cp "$CDE_BUILD/tests/probe_ident" probe || broken "no probe_ident"
native ./probe tracing
capture ./probe tracing
same_output native capture noerr
[ "$CAPTURE_ENGINE" = notify ] || err_has capture "traced other programs, which is not possible under cde"
move_away
replay ./probe tracing
same_output native replay noerr
