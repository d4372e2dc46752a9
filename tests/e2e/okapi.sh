#!/bin/sh
# okapi: the chain of links, loops, absolute links below a prefix, a prefix that is a link.
# once: no engine is started
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
mkdir -p src/a/b dst && echo text >src/a/b/f && ln -s /a/b/f src/a/abs && ln -s ../abs src/a/b/rel
ln -s loop2 src/a/loop1 && ln -s loop1 src/a/loop2 && ln -s nowhere src/a/dangling && ln -s src srclink
record a "$CDE_BIN/okapi" /a/b/rel "$PWD/src" "$PWD/dst"
status_is a 0
[ -L dst/a/b/rel ] && [ -L dst/a/abs ] && [ "$(cat dst/a/b/f)" = text ] || fail 'the chain is not whole'
record b timeout 10 "$CDE_BIN/okapi" /a/loop1 "$PWD/src" "$PWD/dst"
[ "$(cat "$WORK/b.status")" -lt 124 ] || fail 'a loop hangs or crashes'
record c "$CDE_BIN/okapi" /a/dangling "$PWD/src" "$PWD/dst"
[ -L dst/a/dangling ] || fail 'the dangling link is not there'
mkdir dst2
record d "$CDE_BIN/okapi" /a/abs "$PWD/srclink" "$PWD/dst2"
[ "$(cat dst2/a/b/f)" = text ] || fail 'a prefix that is a link'
record e "$CDE_BIN/okapi" /none "$PWD/src" "$PWD/dst"
status_is e 0
[ -s "$WORK/e.err" ] || fail 'no warning'
record f "$CDE_BIN/okapi" /a "$PWD/none" "$PWD/dst"
[ "$(cat "$WORK/f.status")" -lt 126 ] && [ "$(cat "$WORK/f.status")" != 0 ] || fail 'a missing prefix'
mkdir dst3 && record g "$CDE_BIN/okapi" "$PWD/src/a/b/f" "" "$PWD/dst3"
[ "$(cat "dst3$PWD/src/a/b/f")" = text ] || fail 'an empty prefix'
record h "$CDE_BIN/okapi" /a
[ "$(cat "$WORK/h.status")" != 0 ] && [ -s "$WORK/h.err" ] || fail 'bad usage'
