#!/bin/sh
# A profile made of a package's manifest, published beside the remote: the first start by
# anyone fetches all that the captured run read in one go, and no more.
# once: root streams by ptrace, others by notification
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
. "$CDE_TOP/tests/e2e/stream.inc"
need cat
remote_root
cat=$(command -v cat)
echo in >"$SRC/file"
(cd "$SRC" && "$CDE_BIN/cde" -q -o "$WORK/captured" "$cat" file) >/dev/null || broken capture
record list "$CDE_BIN/cde-pkg" profile -p "$WORK/captured"
status_is list 0
[ "$(head -n 1 "$WORK/list.out")" = '# cde profile 1' ] || { show list; fail 'its first line'; }
for f in "$(readlink -f "$cat")" "$(readlink -f /lib64/ld-linux-x86-64.so.2)" "$SRC/file" "$SRC/"; do
	grep -qxF "$f" "$WORK/list.out" || { show list; fail "$f is not in it"; }
done
[ -z "$(sort "$WORK/list.out" | uniq -d)" ] || { show list; fail 'a name twice'; }
CDE_PKG=$CDE_BIN/cde-pkg
export CDE_PKG
record publish "$CDE_TOP/pkgtools/cloud-distro" profile "$REMOTE_ROOT" cat --package "$WORK/captured"
status_is publish 0
cmp "$WORK/list.out" "$REMOTE_ROOT/.cde-profiles/cat" || fail 'something else was published'
workspace
EXEC_FLAGS=-v
stream cold cat /data/one
EXEC_FLAGS=
out_is cold one
grep 'fetched' "$WORK/cold.err" | head -n 1 | grep -q 'and 0 more' &&
	{ show cold; fail 'the profile was not used'; }
# the loader has another name in this little root; and what was never captured
[ "$(grep -c 'fetched' "$WORK/cold.err")" -le 3 ] || { show cold; fail 'more than three fetches'; }
same_as_remote
# a package without manifest has nothing to tell
rm "$WORK/captured/manifest.db"
record bare "$CDE_BIN/cde-pkg" profile -p "$WORK/captured"
status_is bare 1
err_has bare 'manifest'
