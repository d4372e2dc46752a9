#!/bin/sh
# The original's layout: cde-remote-root beside cde-root, plain -s; its list of cached
# files, and what stands in its cde-root, is believed.
# once: root streams by ptrace, others by notification
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
. "$CDE_TOP/tests/e2e/stream.inc"
need dash
remote_root
mkdir -p "$WS/cde-root/data" "$WORK/mnt"
ln -s "$REMOTE_ROOT" "$WS/cde-remote-root" # a link, which the original could not bear
cp "$CDE_BIN/cde-exec" "$WS/"
printf '# cde.options v1\nignore_prefix=/proc/\n' >"$WS/cde.options"
printf 'PATH=/usr/bin:/bin\0' >"$WS/cde.full-environment"
echo cached >"$WS/cde-root/data/one"
printf '/data/one\n/data/never\n' >"$LISTED"
echo local >"$WS/cde-root/data/mine"
EXEC_FLAGS=-s
stream cat cat /data/one /data/mine /data/deep/er/relative /data/deep/er/still/two
out_is cat "cached
local
cached
two"
grep -qx /data/deep/er/still/two "$LISTED" || fail 'the list was not continued'
EXEC_FLAGS=
stream later cat /data/many/f39.bin # without -s too: there are outlines now
cmp "$WORK/later.out" "$REMOTE_ROOT/data/many/f39.bin" || fail 'an outline was read'
rm "$WS/cde-remote-root"
rm -rf "$WS/.stream"
EXEC_FLAGS=-s
stream none cat /data/one
status_is none 125
err_has none cde-remote-root
