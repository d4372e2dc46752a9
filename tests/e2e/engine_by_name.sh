#!/bin/sh
# An engine that is asked for by name and cannot be had: the program does not run, and the
# reason is said.  Where nobody asks, another one is taken.
# once: each engine is asked for here
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need cc
cc -O1 -o no "$TOOLS/noptrace.c" || broken 'cc noptrace.c'
printf '#include <sys/syscall.h>\nSYS_seccomp\n' >nr.c
seccomp=$(cc -E -P nr.c | tail -n 1)
echo x >f
cde=$CDE_BIN/cde

# refused NAME REASON: of the last command
refused()
{
	status_is "$1" 125
	out_is "$1" ''
	err_has "$1" "$2"
	[ "$(wc -l <"$WORK/$1.err")" = 1 ] || { show "$1"; fail 'not one line'; }
}

record f "$cde" -o "$WORK/f" --engine notify -f cat f
refused f 'engine notify: -f (children run on their own) needs ptrace'
record c ./no "$seccomp" -- "$cde" -o "$WORK/c" --engine notify cat f
refused c 'engine notify: seccomp notification cannot be had: Operation not permitted'
record c ./no "$seccomp" -- "$cde" -q -o "$WORK/c" cat f
status_is c 0
out_is c x
record last "$cde" -q -o "$WORK/last" --engine notify --engine ptrace -f cat f
status_is last 0
# one in the other: the kernel allows one listener
record in "$cde" -q -o "$WORK/out" "$cde" --engine notify -o "$WORK/in" cat f
status_is in 125
err_has in 'cde: engine notify: another supervisor listens'

capture cat f
# x NAME ARGUMENT…: cde-exec, in the package
x()
{
	x_n=$1
	shift
	run_in "$PACKAGE/cde-root$SRC" "$x_n" "$@"
}
exec=$PACKAGE/cde-exec
XDG_STATE_HOME=$WORK/state
export XDG_STATE_HOME
x xf "$exec" --engine notify -f cat f
refused xf 'engine notify: -f (children run on their own) needs ptrace'
x xe "$exec" --engine notify --ephemeral cat f
refused xe 'engine notify: what it changes is held back'
x xn "$exec" --engine namespace --ephemeral cat f
refused xn 'engine namespace: what it changes is held back'
x xc "$SRC/no" "$seccomp" -- "$exec" --engine notify cat f
refused xc 'engine notify: seccomp notification cannot be had: Operation not permitted'
x xp "$SRC/no" "$seccomp" -- "$exec" --engine ptrace cat f
status_is xp 0
out_is xp x
x xi "$cde" -q -o "$WORK/out2" "$exec" --engine notify cat f
status_is xi 125
err_has xi 'cde-exec: engine notify: another supervisor listens'
[ -d "$XDG_STATE_HOME/cde" ] && [ -z "$(ls -A "$XDG_STATE_HOME/cde")" ] ||
	{ ls -A "$XDG_STATE_HOME/cde"; fail 'something is left of what was held back'; }
