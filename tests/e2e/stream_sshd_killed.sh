#!/bin/sh
# timeout: 900
# A real sshd is killed at random moments, while real programs (perl, and every fifth time
# python3 with numpy, from a whole distribution) are streamed from it: the program says the
# right thing, or there is an error that names file and server; the cache never holds a wrong
# byte.  What was fetched before stays, so that in the end all is here, and runs with no server.
# once: root streams by ptrace, others by notification
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
. "$CDE_TOP/tests/e2e/stream.inc"
need pkill
: "${SEEDS:=20}" # random moments; 100 take five minutes
roots=${CDE_FARM:-/var/cache/cde-farm}/stream
REMOTE_ROOT=
for suite in trixie bullseye bookworm; do
	[ -n "$REMOTE_ROOT" ] || [ ! -e "$roots/$suite/.cde-profiles/environment" ] ||
		REMOTE_ROOT=$roots/$suite
done
[ -n "$REMOTE_ROOT" ] || skip "no distribution in $roots (make stream-roots)"
start_sshd
workspace "$URL"
cp -a "$WS" "$WORK/empty"
count()
{
	case $1 in
	numpy*) seamless "$1" python3 -c 'import numpy; print("sum", numpy.arange(9).sum())' ;;
	*) seamless "$1" perl -MPOSIX -MData::Dumper -e 'print "sum ", floor(36.5), "\n"' ;;
	esac
}

# took NAME: milliseconds of a start with nothing here; the moments lie in it
took()
{
	rm -rf "$WS"
	cp -a "$WORK/empty" "$WS"
	took=$(date +%s%3N)
	count "$1"
	took=$(($(date +%s%3N) - took))
	out_is "$1" 'sum 36'
}

took numpy
numpy_took=$took
took perl
perl_took=$took
seed=1 whole=0 said=0
while [ $seed -le "$SEEDS" ]; do
	# mostly from the beginning, now and then with what the run before has left
	[ $((seed % 4)) -eq 0 ] || { rm -rf "$WS"; cp -a "$WORK/empty" "$WS"; }
	what=perl took=$perl_took
	[ $((seed % 5)) -ne 2 ] || what=numpy took=$numpy_took
	at=$(((seed * 7919) % took))
	(sleep "$((at / 1000)).$(printf %03d $((at % 1000)))"; pkill -KILL -P "$SSHD") &
	killer=$!
	count $what-cut
	wait $killer
	case $(cat "$WORK/$what-cut.status") in
	0)
		[ "$(cat "$WORK/$what-cut.out")" = 'sum 36' ] || { show $what-cut; fail "seed $seed: wrong"; }
		whole=$((whole + 1))
		;;
	*)
		[ ! -s "$WORK/$what-cut.out" ] || { show $what-cut; fail "seed $seed: an answer, and an error"; }
		grep -q localhost "$WORK/$what-cut.err" || { show $what-cut; fail "seed $seed: no server is named"; }
		said=$((said + 1))
		;;
	esac
	[ ! -s "$LISTED" ] || same_as_remote
	seed=$((seed + 1))
done
echo "$SEEDS moments in $perl_took, $numpy_took ms: $whole runs were whole, $said said that the server is gone"
count numpy-end
out_is numpy-end 'sum 36'
same_as_remote
kill "$SSHD"
wait "$SSHD"
count numpy-alone
out_is numpy-alone 'sum 36'
