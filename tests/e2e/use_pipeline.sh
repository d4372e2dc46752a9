#!/bin/sh
# Packaged programs in a pipeline with those of this machine: data, status, SIGPIPE.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
. "$CDE_TOP/tests/e2e/use.inc"
mkdir -p "${PACKAGE%/*}"
"$CDE_BIN/cde" -q -o "$PACKAGE" --engine "$CAPTURE_ENGINE" yes | head -n 1 >"$WORK/log"
use_capture
use_data
cd "$HOME" || exit
py=$PACKAGE/python3.cde
record pipe sh -c "cat data/x.csv | '$py' '$REPORT' | tr a-z A-Z"
out_is pipe 'TOTAL 42'
record two sh -c "'$py' -c 'print(\"n\"); [print(i) for i in range(5)]' | '$py' '$REPORT'"
out_is two 'total 10'
record while sh -c "for i in 1 2 3; do printf 'n\n%s\n' \$i | '$py' '$REPORT'; done | sort -r"
out_is while "total 3
total 2
total 1"
# head goes: the writer gets SIGPIPE, as it would natively.
record pipefail bash -c "set -o pipefail; '$PACKAGE/yes.cde' | head -n 1"
out_is pipefail y
status_is pipefail 141
record status sh -c "echo n | '$py' -c 'import sys; sys.exit(7)'"
status_is status 7
