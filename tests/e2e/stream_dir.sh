#!/bin/sh
# Streaming from a directory: what is touched is fetched once, whole; what is only looked
# at shows the remote's names and attributes; what was never there is not there.
# once: root streams by ptrace, others by notification
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
. "$CDE_TOP/tests/e2e/stream.inc"
need dash
remote_root
# before 1970, and what mounts say that know no time; not a second of it more than a disk keeps
touch -d '1969-12-31 23:59:58.25 UTC' "$REMOTE_ROOT/data/many/f1.bin" "$REMOTE_ROOT/data/deep"
touch -d '1901-12-14 UTC' "$REMOTE_ROOT/data/many/f2.bin"
workspace
[ -z "$(ls -A "$WS/cde-root")" ] || fail 'a new workspace is not empty'
stream cat cat /data/one /data/absolute /data/deep/er/relative /data/deep/er/still/two
out_is cat "one
one
one
two"
grep -qx /data/one "$LISTED" || fail '/data/one is not in the list'
# names, types, sizes and times without any content
stream ls ls -ln --time-style=+%s /data/many
(cd "$REMOTE_ROOT/data/many" && ls -ln --time-style=+%s) >"$WORK/want.out"
cut_owner() { sed 1d "$1" | awk '{ print $1, $5, $6, $7 }'; }
cut_owner "$WORK/ls.out" >"$WORK/a"
cut_owner "$WORK/want.out" >"$WORK/b"
diff "$WORK/a" "$WORK/b" || fail 'attributes differ'
stream old stat -c '%n %.9Y' /data/many/f1.bin /data/many/f2.bin /data/deep
out_is old "$(cd "$REMOTE_ROOT" && stat -c '/%n %.9Y' data/many/f1.bin data/many/f2.bin data/deep)"
grep -q /data/many "$LISTED" && fail 'files that were only listed were fetched'
stream byte cat "/data/$(printf 'b\377yte\nline')"
out_is byte x
stream none cat /data/none /nowhere/at/all
status_is none 1
err_has none 'No such file'
# what is opened is never an outline: by descriptor of its directory, by O_PATH, by link
stream sum sh -c 'cd /data/many; sha256sum *'
(cd "$REMOTE_ROOT/data/many" && sha256sum ./* | sed 's|\./||') >"$WORK/want.out"
cmp "$WORK/sum.out" "$WORK/want.out" || fail 'content differs'
same_as_remote
# a directory that may not be read there, also at the second start; root may read all
if [ -z "$CDE_ROOTLY" ]; then
	mkdir -m 0711 "$REMOTE_ROOT/data/closed" && echo in >"$REMOTE_ROOT/data/closed/in"
	chmod 0311 "$REMOTE_ROOT/data/closed"
	max_age 0
	stream closed cat /data/closed/in
	status_is closed 1
	err_has closed 'Permission denied'
	max_age 300
	EXEC_FLAGS=--offline
	stream closed2 cat /data/closed/in
	EXEC_FLAGS=
	same_output closed closed2
fi
# the user's own files and the remote's together, and where new ones go
echo mine >"$SRC/mine"
seamless own sh -c 'cat mine /data/one; echo new >made; ls'
out_is own "mine
one
made
mine"
[ -f "$SRC/made" ] || fail 'output is not where the user is'
# -s REMOTE alone: the workspace is made in the cache of the user
run_in "$SRC" auto "$CDE_BIN/cde-exec" --engine "$EXEC_ENGINE" -s "$REMOTE_ROOT" cat /data/one
out_is auto one
run_in "$SRC" opts "$CDE_BIN/cde-exec" -s "$REMOTE_ROOT" --why cat /data/one
out_is opts one
err_has opts streaming
run_in "$SRC" other "$CDE_BIN/cde-exec" --package "$WS" -s "$WORK/src" cat /data/one
status_is other 125
err_has other "$REMOTE_ROOT"
