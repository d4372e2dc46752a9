#!/bin/sh
# Rules as mounts: files and directories of the host, nested both ways, what this machine lacks, a
# package that may not be written to.
# once: about the namespace engine
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
. "$CDE_TOP/tests/e2e/ns.inc"
tool -static
mkdir -p a/b/c/d ro && for d in a a/b a/b/c a/b/c/d ro; do echo captured >$d/f; done
{
	echo '# cde.options v2'
	printf 'ignore_prefix=%s\n' /proc /dev /etc/passwd /etc/machine-id "$SRC/a" "$SRC/a/b/c"
	printf 'redirect_prefix=%s\n' "$SRC/a/b" "$SRC/a/b/c/d"
} >cde.options
capture ./tool cat a/f cat a/b/f cat a/b/c/f cat a/b/c/d/f cat ro/f
for d in a a/b a/b/c a/b/c/d ro; do echo host >$d/f; done
chmod 555 a/b "$PACKAGE/cde-root$SRC/ro"
replay ./tool cat a/f cat a/b/f cat a/b/c/f cat a/b/c/d/f cat ro/f
out_is replay "cat a/f: ok
host
cat a/b/f: ok
captured
cat a/b/c/f: ok
host
cat a/b/c/d/f: ok
captured
cat ro/f: ok
captured"
status_is replay 0

# New files land where their directory is.
replay ./tool put a/new x put a/b/c/new x put new x
[ -e a/new ] && [ -e a/b/c/new ] || { show replay; fail "new files of the host"; }
[ -e "$PACKAGE/cde-root$SRC/new" ] && [ ! -e new ] || { show replay; fail "a new file of the package"; }

# A package on a medium that nobody can write to: an overlay takes what is new, between
# runs, too.
cat >"$WORK/medium" <<'END'
mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" || exit 99
cd "$1/cde-root$2" && shift 2 && exec "$@"
END
for engine in namespace ptrace namespace; do
	record overlay unshare -Urm sh "$WORK/medium" "$PACKAGE" "$SRC" "$PACKAGE/cde-exec" \
		--why --engine $engine ./tool cat ro/f put over x cat over rm over put more x
	out_has overlay 'cat ro/f: ok'
	out_has overlay 'put over: ok'
	out_has overlay 'rm over: ok'
done
err_has overlay 'overlay of'
[ ! -e "$PACKAGE/cde-root$SRC/more" ] || fail "the medium was written to"
[ -e "$(echo "$HOME"/.local/state/cde/*/package"$SRC"/more)" ] || fail "nothing is kept"
# It is a change set.
set -- "$HOME"/.local/state/cde/*
record list "$PACKAGE/cde-exec" --changes "$1"
out_has list "package  f           2  $SRC/more"
record drop "$PACKAGE/cde-exec" --changes "$1" --discard
status_is drop 0
[ ! -e "$1" ] || fail "$1 is still there"

# The same without a place to keep it, and without the places to mount on.
rm -rf "$PACKAGE/cde-root/proc" "$PACKAGE/cde-root/dev"
record medium env -u HOME -u XDG_STATE_HOME unshare -Urm sh "$WORK/medium" "$PACKAGE" "$SRC" \
	"$PACKAGE/cde-exec" --engine namespace ./tool cat ro/f put new2 x cat /proc/self/comm
out_has medium 'cat ro/f: ok'
out_has medium 'put new2: Read-only file system'
out_has medium 'cat /proc/self/comm: ok'
