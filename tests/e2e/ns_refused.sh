#!/bin/sh
# Where there are no namespaces, or what is asked for cannot be mounted, notify is taken, and --why
# says so; where namespaces were asked for by name, it is an error.
# once: about the namespace engine
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
. "$CDE_TOP/tests/e2e/ns.inc"
need unshare setpriv
echo x >f
capture cat f
move_away
cd "$PACKAGE/cde-root$SRC" || fail "no $SRC"

# No user namespace may be made: a limit of this (new) one.
cat >"$WORK/none" <<'END'
echo 0 >/proc/sys/user/max_user_namespaces || exit 99
exec setpriv --bounding-set=-all --inh-caps=-all "$@"
END
record none unshare -Ur sh "$WORK/none" "$PACKAGE/cde-exec" --why cat f
out_is none x
err_has none "engine notify"
err_has none "not namespace: make a user namespace"
record strict unshare -Ur sh "$WORK/none" "$PACKAGE/cde-exec" --engine namespace cat f
status_is strict 125
err_has strict "engine namespace: make a user namespace"

# What only a tracer can do.
for flag in -n -f -l --diagnose; do
	record flag "$PACKAGE/cde-exec" --why $flag cat f
	out_is flag x
	err_has flag "not namespace: $flag"
done
# A program of this machine sees this machine.
if [ "$(stat -c %u /usr/bin/env)" = 0 ]; then
	record pinned env MARK=here "$PACKAGE/cde-exec" --why -p /usr/bin cat f
	out_is pinned x
	err_has pinned "/usr/bin: programs of this machine would be started with the package's libraries"
fi
echo 'ignore_substr=nonesuch' >>"$PACKAGE/cde.options"
record substr "$PACKAGE/cde-exec" --why cat f
out_is substr x
err_has substr "nonesuch: mounts cannot follow a substr rule"

# A chroot: root cannot change the root there, others get no user namespace.
if [ -n "$CDE_ROOTLY" ] && can_bare && has busybox; then
	make_bare
	cp -a "$PACKAGE" "$WORK/bare/p" && mount --bind /proc "$WORK/bare/proc" || broken "bare"
	sed -i '/nonesuch/d' "$WORK/bare/p/cde.options"
	record chroot chroot "$WORK/bare" /bin/sh -c "cd /p/cde-root$SRC && /p/cde-exec --why cat f"
	umount "$WORK/bare/proc"
	out_is chroot x
	err_has chroot "engine notify"
fi
