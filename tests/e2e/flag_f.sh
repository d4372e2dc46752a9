#!/bin/sh
# -f: children run untraced; what they touch is not packaged, or is the host's.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
any_engine
[ "$EXEC_ENGINE" != notify ] || EXEC_ENGINE=ptrace # it cannot
tool
echo x >mine && echo y >theirs
CDE_FLAGS=-f
[ "$CAPTURE_ENGINE" != notify ] || CAPTURE_ENGINE=ptrace # -f needs it
capture ./tool cat mine sh 'cat theirs'
status_is capture 0
out_has capture y
in_package "$SRC/mine"
not_in_package "$SRC/theirs"
CDE_FLAGS=
EXEC_FLAGS=-f
replay ./tool cat mine exit 3
out_has replay x
status_is replay 3
