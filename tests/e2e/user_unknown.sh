#!/bin/sh
# A machine whose /etc/passwd does not know the user, or that has none (a bare container, users
# from LDAP): programs find him all the same, and everybody that the machine knows.  PostgreSQL
# would not start, and Emacs signed its texts with "unknown".
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
export USER=alice
cat >who.sh <<'END'
echo "user $(id -un) group $(id -gn)"
ls /etc | grep -x -e passwd -e group
readlink /proc/self/fd/3 3</etc/passwd
grep "^[^:]*:x:$(id -u):" /etc/passwd
grep -c '^root:' /etc/passwd
[ "$(id -u)" = 0 ] || sh -c 'echo x >>/etc/passwd' 2>/dev/null || echo refused
END
capture sh who.sh
move_package
lines='group
passwd
/etc/passwd'
if can_bare; then
	replay_bare sh who.sh
	if [ -n "$CDE_ROOTLY" ]; then
		out_is replay "user root group root
$lines
root:x:0:0::$HOME:/bin/sh
1"
	else
		out_is replay "user alice group alice
$lines
alice:x:$(id -u):$(id -g)::$HOME:/bin/sh
0
refused"
	fi
fi
# The file is there; he is not in it.
[ -n "$CDE_ROOTLY" ] || exit 0
chmod 755 "$WORK" "$WORK/moved"
chown -R 4242 "$PACKAGE"
cd "$PACKAGE/cde-root$CAPTURE_CWD" || broken cd
HOME=/nowhere record other setpriv --reuid 4242 --regid 4243 --clear-groups \
	"$PACKAGE/cde-exec" --engine "$EXEC_ENGINE" --why sh who.sh
out_is other "user alice group alice
$lines
alice:x:4242:4243::/nowhere:/bin/sh
1
refused"
err_has other '/etc/passwd here does not know user 4242'
# Whom the machine knows, it names itself.
record known "$PACKAGE/cde-exec" --engine "$EXEC_ENGINE" --why sh who.sh
out_has known 'user root group root'
! grep -q 'does not know' "$WORK/known.err" || fail 'a copy for a user who is known'
