#!/bin/sh
# run.sh [-j N] [-f REGEX] [-u] [--keep] BUILD: the scenarios of tests/tui against
# BUILD/bin/cde-tui on a pseudo-terminal (tests/harness/term.c has the words of them).
#
# The scripts *.t run as they are; those of matrix/ in each terminal, locale and size that
# their first lines name; shots of shots/ are compared with screenshots/, or with -u
# written there (make screenshots).  A script with a line "# each: A/B C/D" runs once for
# each of these words, with its parts in place of @1, @2.  TUI_MONKEY=SECONDS lets the
# monkeys run as long as that.  A line per failure and per skip, at the end
# "N passed, N failed, N skipped".
set -u
here=$(cd "$(dirname "$0")" && pwd -P)
top=$(cd "$here/../.." && pwd -P)
jobs=2 filter=. update='' keep=''
while [ $# -gt 1 ]; do
	case $1 in
	-j) jobs=$2; shift ;;
	-f) filter=$2; shift ;;
	-u) update=1 ;;
	--keep) keep=1 ;;
	*) break ;;
	esac
	shift
done
if [ $# != 1 ] || [ ! -d "$1" ]; then
	sed -n '2,11s/^# \{0,1\}//p' "$0" >&2
	exit 2
fi
build=$(cd "$1" && pwd -P)
CDE_BIN=$build/bin TERM_PROGRAM=$build/tests/term
work=$(mktemp -d "${TMPDIR:-/tmp}/cde-tui.XXXXXX") || exit 99
TUI_FIXTURES=$work/fixtures
PATH=$CDE_BIN:/usr/sbin:/usr/bin:/sbin:/bin
TZ=UTC
TUI_TOP=$top
export CDE_BIN TERM_PROGRAM TUI_FIXTURES TUI_TOP PATH TZ
unset NO_COLOR XDG_CONFIG_HOME PAGER SHELL LC_CTYPE LANG LINES COLUMNS CDE_FAIL
[ -n "$keep" ] || trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
chmod 755 "$work"
mkdir "$TUI_FIXTURES" "$work/shots" "$work/results"

sh "$here/fixtures.sh" "$build/tests/fixture" "$here/fixtures" "$TUI_FIXTURES" || exit 99

# one SCRIPT NAME TERM LOCALE [SIZE]: its result is a file.
cat >"$work/one" <<'END'
#!/bin/sh
script=$1 name=$2 TERM=$3 LC_ALL=$4 size=${5-}
export TERM LC_ALL
out=$WORKS/results/$name
mkdir "$WORKS/$name" && cd "$WORKS/$name" || exit
HOME=$PWD WORK=$PWD PKG=$PWD/cde-package
export HOME WORK PKG
need=$(sed -n 's/^# need: //p' "$script")
for p in $need; do
	command -v "$p" >/dev/null && continue
	echo "skip $name: no $p" >"$out"
	exit
done
case $size in
'') ;;
each=*)
	one=${size#each=}
	sed "s|@1|${one%%/*}|g; s|@2|${one#*/}|g" "$script" >"$WORKS/$name.t"
	script=$WORKS/$name.t
	;;
*)
	sed "s/^size .*/size $(echo "$size" | tr _ ' ')/" "$script" >"$WORKS/$name.t"
	script=$WORKS/$name.t
	;;
esac
if timeout $((60 + 2 * ${TUI_MONKEY:-0})) "$TERM_PROGRAM" -s "$WORKS/shots" "$script" 2>"$out.err"; then
	echo "ok $name" >"$out"
	cd / && rm -rf "$WORKS/$name"
else
	echo "FAIL $name" >"$out"
	cat "$out.err" >>"$out"
fi
rm -f "$out.err"
END
chmod +x "$work/one"
WORKS=$work
export WORKS

list()
{
	for t in "$here"/*.t; do
		n=$(basename "$t" .t)
		each=$(sed -n 's/^# each: //p' "$t")
		[ -n "$each" ] || echo "$t $n xterm-256color C.UTF-8"
		for e in $each; do
			echo "$t $n-$(echo "$e" | tr / -) xterm-256color C.UTF-8 each=$e"
		done
	done
	for t in "$here"/shots/*.t; do
		echo "$t shot-$(basename "$t" .t) xterm-256color C.UTF-8"
	done
	for t in "$here"/matrix/*.t; do
		n=matrix-$(basename "$t" .t)
		for term in xterm-256color tmux-256color screen linux vt100; do
			echo "$t $n-$term $term C.UTF-8"
			echo "$t $n-$term-C $term C"
		done
		for size in 200_60 120_35 80_24 40_10 20_5 1_1; do
			# Nothing can be seen on one cell; keys work there.
			[ $size = 1_1 ] && grep -qE '^(title|row|screen)' "$t" && continue
			echo "$t $n-$size xterm-256color C.UTF-8 $size"
		done
	done
}

list | grep -E "$filter" >"$work/list"
xargs -P "$jobs" -L 1 "$work/one" <"$work/list"
cat "$work"/results/* 2>/dev/null | grep -v '^ok '

# compare NAME: the picture is as it was.
passed=$(grep -l '^ok ' "$work"/results/* 2>/dev/null | wc -l)
failed=$(grep -l '^FAIL ' "$work"/results/* 2>/dev/null | wc -l)
skipped=$(grep -l '^skip ' "$work"/results/* 2>/dev/null | wc -l)
if [ -n "$update" ]; then
	cp "$work"/shots/*.txt "$work"/shots/*.svg "$top/screenshots/"
	for s in "$top"/screenshots/*.svg; do
		command -v rsvg-convert >/dev/null || break
		rsvg-convert "$s" -o "${s%.svg}.png"
	done
else
	for s in "$work"/shots/*.txt "$work"/shots/*.svg; do
		[ -f "$s" ] || continue
		if diff "$top/screenshots/$(basename "$s")" "$s" >"$work/diff" 2>&1; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
			echo "FAIL shot $(basename "$s") (make screenshots, if that is meant)"
			head -20 "$work/diff"
		fi
	done
fi
lost=$(($(wc -l <"$work/list") - $(find "$work/results" -type f 2>/dev/null | wc -l)))
if [ "$lost" -gt 0 ]; then
	echo "FAIL $lost scenarios left no result"
	failed=$((failed + lost))
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
