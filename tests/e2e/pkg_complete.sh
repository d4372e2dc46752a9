#!/bin/sh
# timeout: 300
# once: what is predicted is no matter of the engine
# complete: a package is made with one run and used for another.  Pairs of both, without,
# with `complete`, and with `complete --distro`: how many work.  What came is marked, nothing
# that was captured changes, undo and `drop predicted` take all of it away.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/edit.inc"
need python3
EXEC_ENGINE=ptrace

# ---- what it is for one package ----
small_package
state "$WORK/start"
captured=$(cd "$PACKAGE/cde-root" && find . -type f -exec cksum {} + | sort)
pkg complete --dry-run --format tsv
status_is pkg 0
grep -q '^add	.*libnss_' "$WORK/pkg.out" || { show pkg; fail 'no name service'; }
state "$WORK/now"
same_state "$WORK/start" "$WORK/now" || fail '--dry-run changed something'
pkg complete
status_is pkg 0
pkg ls predicted --format 0
[ "$(tr '\0' '\n' <"$WORK/pkg.out" | grep -c .)" -gt 10 ] || { show pkg; fail 'nothing is marked'; }
pkg ls predicted acc:r --format 0
[ ! -s "$WORK/pkg.out" ] || fail 'what was read is marked'
(cd "$PACKAGE/cde-root" && find . -type f -exec cksum {} + | sort) >"$WORK/all"
echo "$captured" | comm -23 - "$WORK/all" | grep . && fail 'what was captured is another now'
pkg verify --quick
status_is pkg 0
pkg complete
status_is pkg 0
err_has pkg 'nothing to do'
pkg undo
state "$WORK/now"
same_state "$WORK/start" "$WORK/now" || fail 'undo'
pkg redo
pkg drop predicted
status_is pkg 0
(cd "$PACKAGE/cde-root" && find . -type f -exec cksum {} + | sort) >"$WORK/all"
[ "$(cat "$WORK/all")" = "$captured" ] || fail 'drop predicted'

# ---- pairs ----
pairs=0 without=0 with=0 distro=0 worse=

works()
{
	native sh -c "$1"
	replay sh -c "$1"
	cmp -s "$WORK/native.out" "$WORK/replay.out" &&
		cmp -s "$WORK/native.status" "$WORK/replay.status"
}

# from A B…: how many of B work in a package made with A
from()
{
	from_a=$1
	shift
	sh -c "$from_a" </dev/null >"$WORK/a.out" 2>&1 || { echo "not here: $from_a"; return 0; }
	rm -rf "$PACKAGE"
	capture sh -c "$from_a"
	: >"$WORK/worked"
	for from_b; do
		pairs=$((pairs + 1))
		if works "$from_b"; then
			without=$((without + 1))
			echo "$from_b" >>"$WORK/worked"
		fi
	done
	pkg complete
	status_is pkg 0
	: >"$WORK/not"
	for from_b; do
		if works "$from_b"; then
			with=$((with + 1))
			distro=$((distro + 1))
		else
			echo "$from_b" >>"$WORK/not"
			grep -qxF "$from_b" "$WORK/worked" && worse="$worse [$from_b]"
		fi
	done
	[ -s "$WORK/not" ] || return 0
	pkg complete --distro
	while read -r from_b; do
		if works "$from_b"; then
			distro=$((distro + 1))
		else
			echo "does not work: $from_a -> $from_b: $(head -n 1 "$WORK/replay.err")" |
				tee -a "$WORK/rates"
		fi
	done <"$WORK/not"
}

py='python3 -S -c'
echo 'a,b' >text
from "$py 'import json'" "$py 'import json.tool; print(1)'" "$py 'import xml.dom.minidom'" \
	"$py 'import logging.handlers'" "$py 'import html.parser'" "$py 'import urllib.request'" \
	"$py 'import email.mime.text'" "$py 'import http.client'" "$py 'import ctypes, sqlite3'" \
	"$py 'import encodings.idna'" "$py 'print(b\"a\".decode(\"koi8-r\"))'"
from 'iconv -f utf-8 -t latin1 text' 'iconv -f koi8-r -t utf-8 text' \
	'iconv -f utf-16 -t ibm850 text' 'iconv -f big5 -t utf-8 text' 'iconv -f utf-8 -t utf-7 text'
from 'getent services http' 'getent hosts localhost' 'getent services ssh' \
	'getent protocols tcp' 'getent passwd root' 'getent group root'
from 'LC_ALL=C; export LC_ALL; cat text; ls; sort text; grep a text; sed p text' \
	'cat text' 'ls' 'sort text' 'grep -P a text' 'sed -n 1p text'
from 'perl -e 1' 'perl -MPOSIX -e "print floor(1.5)"' 'perl -MList::Util=sum -e "print sum(1, 2)"'
from 'git --version; cat text' 'git hash-object text' 'git help -a'
from 'perl -MList::Util=sum -e "print sum(1, 2)"' 'perl -MData::Dumper -e "print Dumper([1])"' \
	'perl -MJSON::PP -e "print encode_json([1])"'
from 'python3 -c "import numpy"' 'python3 -c "import numpy.linalg as l; print(l.det([[2]]))"' \
	'python3 -c "import numpy.fft as f; print(f.fft([1]))"' \
	'python3 -c "import numpy.random as r; print(r.RandomState(1).rand())"' \
	'python3 -c "import numpy.testing"'
from 'ruby -e 1' 'ruby -rjson -e "puts [1].to_json"' 'ruby -rset -rtime -e "puts Time.at(0).utc.iso8601"'
from 'convert rose: a.png && cat text' 'convert rose: a.jpg && cat a.jpg' \
	'convert rose: a.tiff && cat a.tiff'
from 'sqlite3 :memory: "select 1"; cat text' 'sqlite3 -json :memory: "select 1 as a"'
from 'openssl version; cat text' 'openssl dgst -md5 text' 'openssl list -providers'
echo "$pairs pairs work: $without without, $with with complete, $distro with --distro" |
	tee -a "$WORK/rates"
[ -z "$worse" ] || fail "worked before:$worse"
[ "$with" -gt "$without" ] || fail 'complete is of no use'
[ "$with" -ge $((pairs * 2 / 3)) ] || fail 'complete is of little use'
exit 0
