#!/bin/sh
# missing and fix, as people use them: files are dropped, and the loop of running and fixing
# ends with the output of the start; placeholders, PATH, rules that hide, what this machine
# does not have.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/edit.inc"
need python3
EXEC_ENGINE=ptrace

# row WANTED: the row of `missing --format tsv` with that in column 4 or 5.
row()
{
	awk -F '\t' -v w="$1" '$4 == w || $5 == w' "$WORK/pkg.out"
}

# is WANTED MARK REASON
is()
{
	row "$1" | awk -F '\t' -v m="$2" -v r="$3" '$1 == m && index($9, r) { ok = 1 }
		END { exit !ok }' && return
	cat "$WORK/pkg.out"
	fail "no row of $1 with $2, $3"
}

printf 'import m, json\nprint(json.dumps(m.x))\n' >main.py
echo 'x = [1]' >m.py
echo data >data
mkdir -p bin && printf '#!/bin/sh\ncat data\n' >bin/prog && chmod +x bin/prog
PATH=$SRC/bin:$PATH
native sh -c 'prog && python3 main.py'
capture sh -c 'prog && python3 main.py'
same_output native capture
replay sh -c 'prog && python3 main.py'
pkg missing
status_is pkg 0
pkg fix --all
status_is pkg 0
pkg fix
status_is pkg 2
pkg fix nothing
status_is pkg 1

# dropped: found when asked for, and what its loader needs at once
libc=$(manifest "SELECT path FROM file WHERE path LIKE '%/libc.so.6' AND kind = 'f'")
json=$(manifest "SELECT path FROM file WHERE path LIKE '%/json/decoder.py' AND state = 0")
pkg drop --force-risk "$libc" "$json" "$SRC/bin/prog" "$SRC/m.py"
status_is pkg 0
pkg missing --format tsv
status_is pkg 3
is libc.so.6 '!!!' 'dropped'
is libc.so.6 '!!!' 'needed by'
is m '!!!' "needed by $SRC/main.py"
is json.decoder '!!' 'dropped'
[ -z "$(row prog)" ] || fail 'dropped on purpose, and nobody asked for it'
pkg fix --dry-run libc.so.6 --format tsv
grep -q "^add	$libc" "$WORK/pkg.out" || { show pkg; fail 'fix --dry-run'; }
not_in_package "$libc"
rounds=0
while :; do
	replay sh -c 'prog && python3 main.py'
	cmp -s "$WORK/native.out" "$WORK/replay.out" && break
	rounds=$((rounds + 1))
	[ "$rounds" -le 4 ] || { show replay; show pkg; fail 'the loop does not end'; }
	pkg missing --format tsv
	status_is pkg 3
	[ "$rounds" != 2 ] || is prog '!!!' 'dropped'
	pkg fix --all
	status_is pkg 0
done
[ "$rounds" = 2 ] || fail "only $rounds rounds"
same_output native replay
pkg missing
status_is pkg 0

# only its name was captured; another program asks for what it did not ask for at capture
echo more >'more'
mkdir dir && echo one >dir/one && echo two >dir/two
capture sh -c 'ls dir; cat dir/one'
replay cat dir/two
pkg missing --format tsv
status_is pkg 3
is "$SRC/dir/two" '!!' 'only its name'
replay cat more
replay cat never
pkg missing --format tsv
is "$SRC/more" '!!' 'this machine has it'
is "$SRC/never" '!' 'not asked for'
pkg fix "$SRC/dir/two" more
[ "$(cat "$WORK/pkg.status")" = 1 ] || fail 'a relative name that nothing is called by'
pkg fix "$SRC/dir/two"
status_is pkg 0
replay cat dir/two
out_is replay two
pkg fix "$SRC/never"
err_has pkg 'does not have it'
pkg fix --pin "$SRC/more"
status_is pkg 0
replay cat more
out_is replay more
pkg missing
status_is pkg 0

# what is expected to be missing is normal, until it is not expected any more
replay cat never more2
pkg missing --format tsv
is "$SRC/never" '!' 'not asked for'
pkg pin "$SRC/never" "$SRC/dir/two" "$SRC/data" absent
status_is pkg 0
replay cat never
pkg missing --format tsv
[ -z "$(row "$SRC/never")" ] || fail 'shown, though it is expected'
is "$SRC/more2" '!' 'not asked for'
pkg missing --all --format tsv
is "$SRC/never" - 'expected to be missing'
pkg missing --all --format json
grep -q '"path":"[^"]*/never".*"expected":true' "$WORK/pkg.out" || { show pkg; fail 'expected'; }
grep -q '"path":"[^"]*/more2".*"expected":false' "$WORK/pkg.out" || { show pkg; fail 'expected?'; }
pkg ls missing --format 0
grep -q never "$WORK/pkg.out" && fail 'listed as missing'
pkg drop --force-risk "$SRC/data"
replay cat data
pkg missing
status_is pkg 0
pkg fix --all
status_is pkg 0
not_in_package "$SRC/data"
pkg fix --dry-run --format tsv "$SRC/data"
grep -q "^add	$SRC/data" "$WORK/pkg.out" || fail 'fix of what is named'
pkg pin "$SRC/data" inherit
pkg missing --format tsv
status_is pkg 3
is "$SRC/data" '!!!' dropped
pkg undo 3
pkg missing --format tsv
is "$SRC/never" '!' 'not asked for'
# … and so a library that is needed and found nowhere, wherever it is said to be
pkg drop --force-risk "$libc"
pkg missing
status_is pkg 3
pkg pin "$libc" absent
pkg missing
status_is pkg 0
pkg undo 2
rm "$PACKAGE/missing.jsonl"

# a rule hides what was captured
pkg pin "$SRC/data" hidden
replay cat data
pkg missing --format tsv
status_is pkg 3
is "$SRC/data" '!!' 'a rule hides it'
pkg undo
replay cat data
out_is replay data

# gone from the tree, without any run; a directory stands for all in it
rm "$PACKAGE/missing.jsonl"
rm -r "$PACKAGE/cde-root$SRC/dir" "$PACKAGE/cde-root$SRC/main.py"
mv main.py main.py.away
pkg missing --format tsv
is "$SRC/dir" '!!!' 'was captured'
[ -z "$(row "$SRC/dir/one")" ] || fail 'all that was in the directory, too'
row main | awk -F '\t' '$6 == "" { ok = 1 } END { exit !ok }' ||
	{ cat "$WORK/pkg.out"; fail 'this machine does not have it'; }
pkg missing --all --format tsv
[ "$(wc -l <"$WORK/pkg.out")" -gt 5 ] || fail 'not what failed at capture'

# lines that make no sense
{
	printf '%s\n' '{' '[]' '{"path":"x"}' '{"path":"/../x","count":1}' \
		'{"path":"/a","count":-5,"program":7}' '{"path":"/\u001b[31m","count":1e99}'
	head -c 300 /dev/urandom
} >"$PACKAGE/missing.jsonl"
pkg missing
status_is pkg 3
LC_ALL=C grep -q "$(printf '\033')" "$WORK/pkg.out" && fail 'an escape sequence'
exit 0
