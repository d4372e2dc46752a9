#!/bin/sh
# check: with nothing but the package a run is as at capture, or it is said what differs and
# what is missing; the package stays as it is, and nothing of this machine is seen.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/edit.inc"
need_isolation

# is CHECK VERDICT DETAIL
is()
{
	awk -F '\t' -v c="$1" -v v="$2" -v d="$3" '$2 == c && $1 == v &&
		index($3 " " $4, d) { ok = 1 } END { exit !ok }' "$WORK/pkg.out" && return
	show pkg
	cat "$WORK/pkg.out"
	fail "no $1 $2 $3"
}

echo data >data
echo helper >helper
cat >s.sh <<'EOF2'
cat data
mkdir made && wc -c <data >made/size
[ -e helper ] && cat helper >copy
exit 3
EOF2
capture sh s.sh
status_is capture 3
rm -r made copy
state "$WORK/before"
pkg check --stdout "$WORK/capture.out" --format tsv
status_is pkg 0
is status ok 3
is stdout ok same
is output ok "$SRC/made/size"
is output ok "$SRC/copy"
state "$WORK/after"
same_state "$WORK/before" "$WORK/after" || fail 'the package is another now'
[ ! -e "$PACKAGE/missing.jsonl" ] || fail 'it left missing.jsonl'

# something that it needs is not there: the status, an output, and why
pkg drop "$SRC/helper" "$SRC/data"
pkg check --stdout "$WORK/capture.out" --format tsv
status_is pkg 3
is status ok 3
is stdout differs 'line 1'
is output ok "$SRC/made"
is output differs "$SRC/copy was not made"
is stderr cause data
is missing cause "$SRC/data was dropped"
is missing cause "$SRC/helper was dropped"
pkg undo

# it looks around: another user, another host name, no network; killed; not ended well
capture sh -c 'id -u; uname -n; cat /proc/net/dev | wc -l; ls / >/dev/null; kill -9 $$'
pkg check --stdout "$WORK/capture.out" --format tsv
status_is pkg 3
is status ok 'killed by Killed'
is stdout differs 'line 1'
is user cause 12345
is host cause cde-check
pkg check 1 --format tsv
status_is pkg 0
pkg check 9
status_is pkg 1
pkg check x
status_is pkg 2
pkg check --stdout "$WORK/none"
status_is pkg 1

# what the host has is not there
mv "$PACKAGE/cde-root$SRC/data" "$WORK/data"
[ -e data ] || fail 'the machine has it'
pkg check 1 --format tsv
status_is pkg 3
is missing cause "$SRC/data was captured"
mv "$WORK/data" "$PACKAGE/cde-root$SRC/data"

# a name that mount options cannot take
mv "$PACKAGE" "$WORK/pkg/a,b:c\\d" && PACKAGE=$WORK/pkg/a,b:c\\d
pkg check 1
status_is pkg 0
exit 0
