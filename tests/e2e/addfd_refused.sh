#!/bin/sh
# A filter around cde-exec that refuses SECCOMP_IOCTL_NOTIF_ADDFD, in each way that sandboxes
# do: files cannot be given to the program, and it opens them itself.  --why says so.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
[ "$EXEC_ENGINE" != namespace ] || skip 'nothing is answered there'
need cc
cc -O1 -o "$WORK/noptrace" "$TOOLS/noptrace.c" || broken 'cc noptrace.c'
ioctl=16 addfd=0x40182103
mkdir dir
for f in a b c; do echo "of $f" >dir/$f; done
cat >s.sh <<'END'
cat dir/a dir/b dir/none
cat dir/c <dir/a
test -r dir/b && ls dir
sh -c 'ulimit -n 3; cat dir/a'
END
record native sh s.sh
capture sh s.sh
same_output native capture
rm -rf "$WORK/hidden" && mv "$SRC" "$WORK/hidden" && mkdir "$SRC"

refused() # NAME ERRNO WORDS
{
	run_in "$PACKAGE/cde-root$SRC" "$1" "$WORK/noptrace" -e "$2" $ioctl 1 $addfd -- \
		"$PACKAGE/cde-exec" --engine notify --why sh s.sh
	err_has "$1" "engine notify"
	err_has "$1" "files were opened by stops: SECCOMP_IOCTL_NOTIF_ADDFD is refused here: $3"
	sed -i '/^cde-exec: \(engine\|files were\) /d' "$WORK/$1.err"
	same_output native "$1"
}

refused eperm 1 'Operation not permitted'
refused enosys 38 'Function not implemented'
refused einval 22 'Invalid argument'
# other filters are no reason
run_in "$PACKAGE/cde-root$SRC" other "$WORK/noptrace" -e 1 $ioctl 1 0 -- \
	"$PACKAGE/cde-exec" --engine notify --why sh s.sh
! grep 'opened by stops' "$WORK/other.err" || fail 'it was not refused'
