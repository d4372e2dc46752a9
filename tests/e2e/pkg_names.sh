#!/bin/sh
# Names of any bytes: nothing reaches the terminal, and every format gives them back.
# once: cde-pkg looks at packages
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/pkg.inc"
need python3
odd_names
capture sh -c 'cat ./*'
# 0: the bytes themselves
pkg ls --format 0 "path:$SRC/*"
(cd "$SRC" && find "$SRC" -mindepth 1 -print0 | LC_ALL=C sort -z) >"$WORK/want"
LC_ALL=C sort -z "$WORK/pkg.out" | cmp - "$WORK/want" || fail "format 0 changes names"
# none of the others lets one through
for f in table tsv json; do
	pkg ls --format $f "path:$SRC/*"
	[ "$(LC_ALL=C tr -d '\n\t -~' <"$WORK/pkg.out" | wc -c)" = 0 ] ||
		{ od -c "$WORK/pkg.out" | head -30; fail "$f prints bytes as they are"; }
done
pkg ls --tree "path:$SRC/*"
grep -q 'new\\nline' "$WORK/pkg.out" || { show pkg; fail "no escaped name in the tree"; }
# JSON and TSV can be read back
pkg ls --format json "path:$SRC/*"
cp "$WORK/pkg.out" "$WORK/json"
pkg ls --format tsv --columns path "path:$SRC/*"
cp "$WORK/pkg.out" "$WORK/tsv"
cat >"$WORK/read.py" <<'END'
import base64, json, re, sys
work = sys.argv[1].encode()
want = sorted(open(work + b"/want", "rb").read().split(b"\0")[:-1])
got = []
for r in json.load(open(work + b"/json"))["rows"]:
    got.append(base64.b64decode(r["path_raw"]) if "path_raw" in r else r["path"].encode())
assert sorted(got) == want, ("json", got, want)
def back(m):
    c = m.group(1)
    if c[0] in "uU":
        return chr(int(c[1:], 16)).encode()
    if c[0] == "x":
        return bytes([int(c[1:], 16)])
    return {"n": b"\n", "t": b"\t", "r": b"\r", "e": b"\33", "\\": b"\\"}[c]
got = []
for line in open(work + b"/tsv", encoding="utf-8").read().split("\n")[1:-1]:
    parts = re.split(r"\\(u[0-9a-f]{4}|U[0-9a-f]{8}|x[0-9a-f]{2}|[ntre\\])", line)
    out = b""
    for i, p in enumerate(parts):
        out += back(re.match("(.*)", p)) if i % 2 else p.encode()
    got.append(out)
assert sorted(got) == want, ("tsv", got, want)
END
python3 "$WORK/read.py" "$WORK" || fail "names do not come back"
# A name as it is shown is a filter and an argument.
pkg ls --format 0 'bad\xff\xfeutf'
[ "$(wc -c <"$WORK/pkg.out")" -gt 1 ] || fail "an escaped name is no filter"
pkg cat "$SRC/$(printf 'bad\377\376utf')"
out_is pkg bad
pkg cat "$SRC/$(printf 'no\033[31msuch')"
status_is pkg 1
[ "$(tr -dc '\033' <"$WORK/pkg.err" | wc -c)" = 0 ] || fail "an error message steers the terminal"
