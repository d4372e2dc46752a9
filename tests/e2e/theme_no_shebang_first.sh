#!/bin/sh
# The captured command itself is a text file without #!: sh runs it, at capture and at
# replay; a binary that the kernel does not know is "not executable".
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
printf 'echo "$0 ran: $1"; exit 3\n' >s && chmod +x s
printf '\177ELF not really\n' >binary && chmod +x binary
cp binary "$WORK/binary"
trip ./s once
cd "$WORK" || exit
record refused "$CDE_BIN/cde" -o other ./binary
[ "$(cat "$WORK/refused.status")" = 126 ] || {
	show refused
	echo "status is not 126"
	exit 1
}
