#!/bin/sh
# A package made to lead mounts astray: links, FIFOs, devices in the way, names that change.
# once: about the namespace engine
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
. "$CDE_TOP/tests/e2e/ns.inc"
tool -static
capture ./tool cat f
P=$PACKAGE/cde-root
mkdir "$WORK/outside" "$WORK/host" && echo secret >"$WORK/outside/x" && echo secret >"$WORK/outside/hosts"
echo pinned >"$WORK/host/x"

rules()
{
	{
		echo '# cde.options v2'
		printf 'ignore_prefix=%s\n' /proc /dev "$@"
	} >"$PACKAGE/cde.options"
}

# go NAME ARG…: in the sandbox, by any engine; never the secret, never a hang
go()
{
	go_n=$1
	shift
	cd "$P$SRC" || broken "cd"
	record "$go_n" timeout 20 "$PACKAGE/cde-exec" --why "$SRC/tool" "$@"
	cd "$WORK" || broken "cd"
	[ "$(cat "$WORK/$go_n.status")" != 124 ] || fail "$go_n hangs"
	! grep -q secret "$WORK/$go_n.out" || { show "$go_n"; fail "$go_n: reads outside"; }
}

# A directory above a mount point is a link that leads out.
rules /srv2/host
ln -s "$WORK/outside" "$P/srv2"
go above cat /srv2/x cat "$WORK/outside/x"

# The mount point itself is a link, a FIFO, a loop.
rules "$WORK/host/x"
mkdir -p "$P$WORK/host"
ln -s "$WORK/outside/x" "$P$WORK/host/x"
go target cat "$WORK/host/x"
rm "$P$WORK/host/x" && mkfifo "$P$WORK/host/x"
go fifo cat "$WORK/host/x"
rm "$P$WORK/host/x" && ln -s x "$P$WORK/host/x"
go itself cat "$WORK/host/x"
for i in $(seq 1 45); do
	ln -s "l$i" "$P/l$((i - 1))"
done
ln -s l0 "$P/l45"
rules /l0/x /l7
go loop cat /l0/x cat /l7

# What is bound from the package is a link that leads out.
rules "$WORK/host"
echo "redirect_prefix=$WORK/host/in" >>"$PACKAGE/cde.options"
mkdir "$WORK/host/in" && rm "$P$WORK/host/x" && ln -s "$WORK/outside" "$P$WORK/host/in"
go source cat "$WORK/host/in/x"

# cde-root is a link.
mv "$P" "$PACKAGE/real" && ln -s "$WORK/outside" "$P"
record root "$PACKAGE/cde-exec" --package "$PACKAGE" "$SRC/tool" cat /x
status_is root 125
rm "$P" && mv "$PACKAGE/real" "$P"

# A mount point is a directory now, and a link that leads out the next moment.
rules "$WORK/host/dir"
mkdir "$WORK/host/dir" "$P$WORK/host/dir" && echo pinned >"$WORK/host/dir/x"
rm -f "$P$WORK/host/in"
ln -s "$WORK/outside" "$P$WORK/host/link"
(
	while [ ! -e "$WORK/stop" ]; do
		mv -T "$P$WORK/host/dir" "$P$WORK/host/d2" 2>/dev/null
		mv -T "$P$WORK/host/link" "$P$WORK/host/dir" 2>/dev/null
		mv -T "$P$WORK/host/dir" "$P$WORK/host/link" 2>/dev/null
		mv -T "$P$WORK/host/d2" "$P$WORK/host/dir" 2>/dev/null
	done
) &
for i in $(seq 1 60); do
	go swapped cat "$WORK/host/dir/x"
done
: >"$WORK/stop"
wait
[ "$(cat "$WORK/outside/x" "$WORK/outside/hosts")" = 'secret
secret' ] || fail "what is outside was changed"
! grep -q "$WORK" /proc/self/mountinfo || fail "a mount is left on this machine"

# A device, made by who could: only root can make the package, the user runs it.
[ -n "$CDE_ROOTLY" ] || exit 0
rules
mknod -m 666 "$P$SRC/zero" c 1 5 || skip "no device can be made here"
cd "$P$SRC" || broken "cd"
chown -R 65534 "$PACKAGE"
record device setpriv --reuid=65534 --regid=65534 --clear-groups timeout 20 \
	"$PACKAGE/cde-exec" --engine namespace "$SRC/tool" cat zero
out_has device 'cat zero: Permission denied'
