#!/bin/sh
# What others of the package need is not taken from them, unless that is said.
# once: cde-pkg looks at packages
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/edit.inc"
need sqlite3
echo one >a && printf '#!/bin/sh\ncat a\n' >script && chmod 755 script
capture ./script
pkg scan
state "$WORK/old"
libc=$(manifest "SELECT path FROM file WHERE path LIKE '%/libc.so.6' AND state=0 AND kind='f'")
[ -n "$libc" ] || broken 'no libc in the package'
refused()
{
	status_is pkg 1
	err_has pkg 'what stays needs what goes (--force-risk'
	err_has pkg "$1"
	state "$WORK/now"
	same_state "$WORK/old" "$WORK/now" || fail "changed nevertheless: $1"
}
pkg drop "$libc"
refused "$libc: needed by"
pkg drop "name:libc.so*"
refused "$libc: needed by"
sh=$(readlink -f /bin/sh)
pkg drop "$sh"
refused "interpreter of $SRC/script"
echo "drop $libc" >s
pkg edit --script s
refused "$libc: needed by"
# a look, and what is only staged, are free
pkg drop --dry-run "$libc"
status_is pkg 0
pkg drop --stage "$libc"
status_is pkg 0
pkg write
status_is pkg 1
err_has pkg 'what stays needs what goes'
pkg log
out_has pkg staged
pkg write --force-risk
status_is pkg 0
[ ! -e "$PACKAGE/cde-root$libc" ] || fail 'not dropped'
pkg undo
status_is pkg 0
state "$WORK/now"
same_state "$WORK/old" "$WORK/now" || fail undo
# what is only read is nobody's need; and all together leaves nobody who needs it
pkg drop "$SRC/a"
status_is pkg 0
pkg drop --force-risk "$sh"
status_is pkg 0
exit 0
