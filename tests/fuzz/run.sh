#!/bin/sh
# run.sh BUILD [SECONDS] [FUZZER...]: each fuzzer for so long (30), with its seeds.
# With clang: coverage-guided (libFuzzer) and AddressSanitizer.  Without: the same
# functions under gcc's AddressSanitizer with random mutations of the seeds (driver.c).
# One whose inputs are all refused fails, too.
set -u
cd "$(dirname "$0")/../.." || exit
build=$1 seconds=${2:-30}
shift $(($# > 2 ? 2 : $#))
fuzzers=${*:-filter options manifest script origin unpack}
tmp=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d) || exit
export CDE_FUZZ_DIR="$tmp"
trap 'rm -rf "$tmp"' EXIT
echo 'int LLVMFuzzerTestOneInput(const char *p, long n); int LLVMFuzzerTestOneInput(const char *p, long n) { return 0; }' >"$tmp/t.c"
if clang -fsanitize=fuzzer,address "$tmp/t.c" -o "$tmp/t" 2>/dev/null; then
	echo "fuzz: libFuzzer and AddressSanitizer"
	how='FUZZ=clang CC=clang'
else
	echo "fuzz: no clang with libFuzzer here: random mutations, without coverage"
	how='FUZZ=plain'
fi
targets=
for f in $fuzzers; do targets="$targets $build/fuzz/$f"; done
# shellcheck disable=SC2086 # lists of words
make -s -j"$(nproc)" $how O="$build" $targets || exit
one()
{
	mkdir -p "$build/fuzz/corpus/$1"
	dict=
	[ ! -f "tests/fuzz/$1.dict" ] || dict=-dict=tests/fuzz/$1.dict
	# shellcheck disable=SC2086
	"$build/fuzz/$1" -max_total_time="$seconds" -seed="${FUZZ_SEED:-1}" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
		-max_len=200000 $dict -artifact_prefix="$build/fuzz/$1-" \
		"$build/fuzz/corpus/$1" "tests/fuzz/corpus/$1" >"$build/fuzz/$1.log" 2>&1
	s=$?
	count=$(sed -n 's/^fuzz: \([0-9]*\) of \([0-9]*\) accepted$/\1 of \2/p' "$build/fuzz/$1.log")
	cov=$(grep -o 'cov: [0-9]*' "$build/fuzz/$1.log" | tail -n 1)
	if [ $s != 0 ]; then
		echo "fuzz: $1: FAILED (status $s), input in $build/fuzz/$1-*:"
		tail -n 40 "$build/fuzz/$1.log"
		return 1
	fi
	echo "fuzz: $1: clean, $count inputs accepted${cov:+, $cov}"
	case $count in
	'' | '0 '*)
		echo "fuzz: $1: FAILED, all of its inputs are refused"
		return 1
		;;
	esac
}

# As many at a time as there are processors: each has its own for all its seconds.
bad=0 running=
finish()
{
	for p in $running; do wait "$p" || bad=1; done
	running=
}
for f in $fuzzers; do
	one "$f" &
	running="$running $!"
	# shellcheck disable=SC2086 # a list of numbers
	set -- $running
	[ $# -lt "$(nproc)" ] || finish
done
finish
exit $bad
