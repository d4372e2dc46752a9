#!/bin/sh
# cde-exec -n: TCP, UDP, sendto, sendmsg, sendmmsg do not get out; AF_UNIX does.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
any_engine
tool
heard()
{
	grep -qx "$1" "$WORK/heard.all" && return
	cat "$WORK/heard.all"
	fail "not: $1"
}

capture ./tool net 9 unix s
"$SRC/tool" hear "$WORK/port" >"$WORK/heard.all" &
wait_for test -s "$WORK/port"
port=$(cat "$WORK/port")
EXEC_FLAGS=-n
replay ./tool net "$port" unix s
wait $!
heard 'heard tcp 0, datagrams 0'
for w in tcp udp sendto sendmsg sendmmsg; do
	out_has replay "$w 0"
done
out_has replay 'unix: hello by s'
rm "$WORK/port"
"$SRC/tool" hear "$WORK/port" >"$WORK/heard.all" &
wait_for test -s "$WORK/port"
EXEC_FLAGS=
replay ./tool net "$(cat "$WORK/port")"
wait $!
heard 'heard tcp 1, datagrams 4'
