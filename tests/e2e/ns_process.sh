#!/bin/sh
# The program is the process that cde-exec was: no helper, no descriptor, no privilege more.
# once: about the namespace engine
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
. "$CDE_TOP/tests/e2e/ns.inc"
cat >s.sh <<'END'
echo "pid $$"
ls /proc/self/fd | tr '\n' ' '
echo
grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status
cat /proc/self/uid_map
END
native sh s.sh
capture sh s.sh
move_away
cd "$PACKAGE/cde-root$SRC" || fail "no $SRC"
cat >"$WORK/start" <<'END'
#!/bin/sh
echo "pid $$"
exec "$@"
END
chmod +x "$WORK/start"
record run "$WORK/start" "$PACKAGE/cde-exec" --engine namespace sh s.sh
status_is run 0
[ "$(grep -c . "$WORK/run.err")" = 0 ] || { show run; fail "something on stderr"; }
[ "$(sed -n 1p "$WORK/run.out")" = "$(sed -n 2p "$WORK/run.out")" ] || { show run; fail "another process"; }
[ "$(sed -n 3p "$WORK/run.out")" = "$(sed -n 2p "$WORK/native.out")" ] || { show run; fail "other descriptors"; }
if [ -n "$CDE_ROOTLY" ]; then
	grep '^CapEff' /proc/self/status >"$WORK/caps"
	grep -qFf "$WORK/caps" "$WORK/run.out" || { show run; fail "not root's own capabilities"; }
else
	for set in Inh Prm Eff Bnd Amb; do
		grep -q "^Cap$set:.0000000000000000$" "$WORK/run.out" || { show run; fail "capabilities: $set"; }
	done
	out_has run "$(printf 'NoNewPrivs:\t1')"
	[ "$(tail -n 1 "$WORK/run.out" | tr -s ' ')" = " $(id -u) $(id -u) 1" ] || { show run; fail "the map of users"; }
fi
# Status and signals are the program's own.
record seven "$PACKAGE/cde-exec" --engine namespace sh -c 'exit 7'
status_is seven 7
record killed "$PACKAGE/cde-exec" --engine namespace sh -c 'kill -TERM $$'
status_is killed 143
record none "$PACKAGE/cde-exec" --engine namespace nonesuch
status_is none 127
record noexec "$PACKAGE/cde-exec" --engine namespace ./s.sh
status_is noexec 126
