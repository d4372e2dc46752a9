#!/bin/sh
# Streaming by a real sshd: the same bytes; the second start needs no server; without it,
# what was fetched works, and what was not gives an error that names file and server.
# once: root streams by ptrace, others by notification
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
. "$CDE_TOP/tests/e2e/stream.inc"
need dash
remote_root
start_sshd
workspace "$URL"
stream cat cat /data/one /data/absolute /data/deep/er/relative
[ "$(cat "$WORK/cat.status")" = 0 ] || cat "$WORK/ssh/log"
out_is cat "one
one
one"
stream sum sh -c 'cd /data/many; sha256sum *'
(cd "$REMOTE_ROOT/data/many" && sha256sum ./* | sed 's|\./||') >"$WORK/want.out"
cmp "$WORK/sum.out" "$WORK/want.out" || fail 'content differs'
stream byte cat "/data/$(printf 'b\377yte\nline')"
out_is byte x
stream look stat -c '%n %s %Y %F' /data/deep/er/still/two /data/deep
out_is look "/data/deep/er/still/two 4 $(stat -c %Y "$REMOTE_ROOT/data/deep/er/still/two") regular file
/data/deep $(stat -c %s "$WS/cde-root/data/deep") $(stat -c %Y "$REMOTE_ROOT/data/deep") directory"
same_as_remote
EXEC_FLAGS=--offline
stream off cat /data/one /data/deep/er/still/two
out_is off one
status_is off 1
err_has off 'Input/output error'
err_has off "/data/deep/er/still/two is not here, and cannot be fetched from $URL: --offline"
EXEC_FLAGS=
kill $SSHD
wait $SSHD 2>/dev/null
stream gone cat /data/one /data/deep/er/still/two
out_is gone one
status_is gone 1
err_has gone "/data/deep/er/still/two is not here, and cannot be fetched from $URL"
stream again sh -c 'cd /data/many; sha256sum *'
same_output sum again
