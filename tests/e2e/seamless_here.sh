#!/bin/sh
# Where somebody works, and who he is, is this machine's to say in seamless mode: HOME, USER,
# the time zone; users, hosts and name servers, by the default rules.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
any_engine
cat >who.sh <<'END'
echo "$HOME $USER $LOGNAME"
cat <"$HOME/settings" 2>/dev/null
date -d @0 +%H
cat /etc/passwd /etc/group /etc/hosts >/dev/null
cat /etc/resolv.conf /etc/machine-id /etc/localtime >/dev/null 2>&1
:
END
mkdir "$WORK/alice" "$WORK/bob"
echo "bob's" >"$WORK/bob/settings"
record capture1 env HOME="$WORK/alice" USER=alice LOGNAME=alice TZ=JST-9 \
	sh -c "mkdir -p '${PACKAGE%/*}' && exec '$CDE_BIN/cde' -q -o '$PACKAGE' --engine $CAPTURE_ENGINE sh who.sh"
out_is capture1 "$WORK/alice alice alice
09"
for f in /etc/passwd /etc/group /etc/hosts /etc/resolv.conf /etc/localtime; do
	[ ! -s "$PACKAGE/cde-root$f" ] || grep -q 'cde placeholder' "$PACKAGE/cde-root$f" ||
		fail "$f was captured"
done
mv "$WORK/alice" "$WORK/alice.away"
bob()
{
	env HOME="$WORK/bob" USER=bob LOGNAME=bob TZ=EST5 "$@"
}
record here bob "$PACKAGE/sh.cde" "$SRC/who.sh"
out_is here "$WORK/bob bob bob
bob's
19"
# Inside of the package all is as it was.
cd "$PACKAGE/cde-root$SRC" || exit
record inside bob "$PACKAGE/cde-exec" --engine "$EXEC_ENGINE" sh who.sh
out_is inside "$WORK/alice alice alice
09"
# Files that programs find by HOME keep it.
mkdir -p "$PACKAGE/cde-root$WORK/alice/.local"
cd "$WORK" || exit
record kept bob "$PACKAGE/sh.cde" "$SRC/who.sh"
out_has kept "$WORK/alice bob bob"
# Nobody says: what was captured.
record nobody env -u HOME -u USER -u LOGNAME -u TZ "$PACKAGE/sh.cde" "$SRC/who.sh"
out_is nobody "$WORK/alice alice alice
09"
# PWD is where the user is.
cd "$WORK/bob" || exit
record pwd bob "$PACKAGE/sh.cde" -c 'echo $PWD'
out_is pwd "$WORK/bob"
