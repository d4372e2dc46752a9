#!/bin/sh
# once: the package's own cde-exec decides how it runs
# check says why a run is not as at capture: what people meet when they try to reproduce
# something.  Each case is a program whose output depends on one thing, and the word that
# names it.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/edit.inc"
need_isolation
need python3

# causes: the words of the rows with causes, joined by blanks
causes()
{
	awk -F '\t' '$1 == "cause" && $2 != "stderr" { printf "%s%s", n++ ? " " : "", $2 }' \
		"$WORK/pkg.out"
}

# why WORDS COMMAND…: captured, repeated; WORDS are the causes that are named
why()
{
	why_words=$1
	shift
	rm -rf "$PACKAGE"
	capture "$@"
	pkg check --stdout "$WORK/capture.out" --format tsv
	if [ -z "$why_words" ]; then
		status_is pkg 0
		return
	fi
	status_is pkg 3
	[ "$(causes)" = "$why_words" ] && return
	cat "$WORK/pkg.out" "$WORK/capture.out"
	fail "$*: causes '$(causes)', not '$why_words'"
}

why '' echo always
why time date '+%F %T.%N'
why time date +%s.%N
why host uname -n
why host sh -c 'echo "here: $(uname -n)"'
why user id
why user whoami
why process sh -c 'echo "I am $$"'
why temporary mktemp -u
why random head -c 8 /proc/sys/kernel/random/uuid
why address python3 -S -c 'print(object())'
why order python3 -S -c 'print({"a%d" % i for i in range(50)})'
why 'host process' sh -c 'uname -n; echo pid $$'

# outputs: of one that is packaged the content is at hand; it is not there at the start
CDE_FLAGS=--with-outputs
rm -rf "$PACKAGE"
capture sh -c '[ -e out ] && echo "already there"; uname -n >out; echo 1 >same; mkdir dir'
CDE_FLAGS=
pkg ls class:output kind:f --format 0
[ "$(tr '\0' ' ' <"$WORK/pkg.out")" = "$SRC/out $SRC/same " ] || { show pkg; fail 'origin: outputs'; }
pkg check --stdout "$WORK/capture.out" --format tsv
status_is pkg 3
[ "$(causes)" = host ] || { cat "$WORK/pkg.out"; fail 'an output with another host name'; }
awk -F '\t' -v p="$SRC/same" '$1 == "ok" && $3 == p && $4 == "the same" { ok = 1 }
	END { exit !ok }' "$WORK/pkg.out" || { cat "$WORK/pkg.out"; fail 'output: same'; }
rm -r out same dir

# the network: names, other machines, a service of this machine
why network python3 -S -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
try: s.connect(("192.0.2.1", 9)); print("there is a way")
except OSError as e: print(e.errno)'

# what the host has in a place of its own
echo hello >/tmp/check-why-$$
why missing cat /tmp/check-why-$$
rm -f /tmp/check-why-$$
exit 0
