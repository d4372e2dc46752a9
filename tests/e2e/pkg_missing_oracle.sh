#!/bin/sh
# timeout: 300
# missing, against an oracle: k files that a run used are deleted from the package; after a
# run with cde-exec exactly these are marked !!!, and come first.  With the package as it
# was made, nothing is severe.  30 programs and more, k = 1, 2, 3.
# once: cde-pkg looks at packages
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/pkg.inc"
EXEC_ENGINE=ptrace
programs=0 trials=0

# Of each row marked !!! what was tried, parted by blanks; fails when others come before.
sure()
{
	awk -F '\t' 'NR > 1 && $1 == "!!!" { if (other) exit 1; print $10 }
		NR > 1 && $1 != "!!!" { other = 1 }' "$WORK/pkg.out" >"$WORK/sure" ||
		{ show pkg; fail 'not the first'; }
}

# Python does without compiled code where the source is there.
needed()
{
	case $1 in
	*/__pycache__/*.pyc)
		n_base=${1##*/}
		[ ! -s "$PACKAGE/cde-root${1%/__pycache__/*}/${n_base%%.*}.py" ]
		;;
	esac
}

# delete K SEED: K of the files that were read or executed, as far apart as can be.
delete()
{
	manifest "SELECT f.path FROM file f WHERE f.kind = 'f' AND f.state = 0 AND EXISTS
		(SELECT 1 FROM access a WHERE a.file = f.id AND a.kind & 10) ORDER BY f.id" |
		while read -r path; do
			[ ! -f "$PACKAGE/cde-root$path" ] || ! needed "$path" || echo "$path"
		done >"$WORK/used"
	awk -v k="$1" -v seed="$2" '{ f[NR] = $0 } END {
		if (k > NR) k = NR
		for (i = 0; i < k; i++) print f[(seed + int(i * NR / k)) % NR + 1] }' \
		"$WORK/used" >"$WORK/deleted"
}

try()
{
	trials=$((trials + 1))
	delete "$1" "$2"
	shift 2
	while read -r path; do
		mkdir -p "$WORK/aside${path%/*}"
		mv "$PACKAGE/cde-root$path" "$WORK/aside$path" || broken "mv $path"
	done <"$WORK/deleted"
	rm -f "$PACKAGE/missing.jsonl"
	replay "$@"
	pkg missing --format tsv
	status_is pkg 3
	sure
	# each deleted file is in a row, and each row is of a deleted file
	while read -r path; do
		tr ' ' '\n' <"$WORK/sure" | grep -qxF "$path" ||
			fail "$*: $path was deleted, and is not found missing"
	done <"$WORK/deleted"
	while read -r row; do
		printf '%s\n' "$row" | tr ' ' '\n' | grep -qxFf "$WORK/deleted" ||
			fail "$*: was not deleted: $row"
	done <"$WORK/sure"
	cp -a "$WORK/aside/." "$PACKAGE/cde-root/" && rm -rf "$WORK/aside"
}

program()
{
	has "$1" || return 0
	programs=$((programs + 1))
	rm -rf "$WORK/pkg"
	cd "$SRC" || broken 'cd'
	capture "$@"
	# shellcheck disable=SC2154 # its status is a file
	replay "$@"
	pkg missing
	status_is pkg 0
	for k in 1 2 3; do
		try "$k" $((programs * 7)) "$@"
	done
}

seq 100 >numbers
printf 'all:\n\t@echo made\n' >Makefile
printf '#!/bin/bash\nread -r a <numbers; echo "$a" | cat; [ -d /usr ] && ls numbers\n' >s.sh
printf 'import m, re\nprint(m.x)\n' >main.py && echo 'x = 1' >m.py
printf 'int main(void) { return 0; }\n' >c.c
chmod +x s.sh
git init -q repo 2>/dev/null

program cat numbers
program ls -l .
program grep -c 1 numbers
program find . -name 'n*'
program tar cf /dev/null numbers
program awk '{ s += $1 } END { print s }' numbers
program sed -n 3p numbers
program make
program bash s.sh
program sh -c 'cat numbers | wc -l'
program dash s.sh
program python3 main.py
program python3 -c 'import json, decimal; print(json.dumps(1))'
program perl -MData::Dumper -e 'print Dumper(1)'
program git -C repo status
program gcc -c c.c -o /dev/null
program sqlite3 :memory: 'SELECT 1'
program sort -n numbers
program head -n 2 numbers
program wc numbers
program diff numbers numbers
program xargs echo
program env
program id
program date +%Y
program stat numbers
program du numbers
program gzip -c numbers
program xz -c numbers
program sha256sum numbers
program od -c numbers
program file numbers
program readelf -h /bin/true
echo "$programs programs, $trials trials"
[ "$programs" -ge 30 ] || skip "only $programs programs here"
exit 0
