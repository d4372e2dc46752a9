#!/bin/sh
# The disk of the cache is full: the program gets an error, and no part of a file.
# once: root streams by ptrace, others by notification
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
. "$CDE_TOP/tests/e2e/stream.inc"
need dash
[ -n "$CDE_ROOTLY" ] || skip 'a small file system can be mounted by root only'
remote_root
head -c 30000000 /dev/zero >"$REMOTE_ROOT/data/large"
mkdir "$WS" && mount -t tmpfs -o size=12m,mode=755 none "$WS" || skip 'no tmpfs can be mounted'
trap 'umount -l "$WS"' EXIT
"$CDE_BIN/cde-exec" --stream-setup "$REMOTE_ROOT" "$WS" || fail 'setup'
stream small cat /data/one
out_is small one
stream large cat /data/large
status_is large 1
[ ! -s "$WORK/large.out" ] || fail 'part of a file was read'
err_has large 'No space left'
grep -q /data/large "$LISTED" && fail 'it is in the list'
[ -z "$(ls -A "$WS/.tmp")" ] || fail 'something is left in .tmp'
same_as_remote
mount -o remount,size=80m "$WS" || broken remount
stream room cat /data/large
status_is room 0
cmp "$WORK/room.out" "$REMOTE_ROOT/data/large" || fail 'content'
