#!/bin/sh
# run.sh BUILD [SECONDS] [FUZZER...]: each fuzzer for so long (30), with its seeds.
# With clang: coverage-guided (libFuzzer) and AddressSanitizer.  Without: the same
# functions under gcc's AddressSanitizer with random mutations of the seeds (driver.c).
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
make -s $how O="$build" $targets || exit
bad=0
for f in $fuzzers; do
	mkdir -p "$build/fuzz/corpus/$f"
	dict=
	[ ! -f "tests/fuzz/$f.dict" ] || dict=-dict=tests/fuzz/$f.dict
	# shellcheck disable=SC2086
	"$build/fuzz/$f" -max_total_time="$seconds" -seed="${FUZZ_SEED:-1}" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
		-max_len=200000 $dict -artifact_prefix="$build/fuzz/$f-" \
		"$build/fuzz/corpus/$f" "tests/fuzz/corpus/$f" >"$build/fuzz/$f.log" 2>&1
	if s=$?; [ $s = 0 ]; then
		echo "fuzz: $f: clean, $(grep -o 'Done [0-9]* runs' "$build/fuzz/$f.log")"
	else
		echo "fuzz: $f: FAILED (status $s), input in $build/fuzz/$f-*:"
		tail -n 40 "$build/fuzz/$f.log"
		bad=1
	fi
done
exit $bad
