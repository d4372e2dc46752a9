#!/bin/sh
# Every row of engine/trace/sys.def must have a probe: a source in tests/probes names it in
# its "/* rows: name … */" comment and uses it, as P(name), RAW(name, CALL_CASE(name,
# CALL_CASE_AS("…", name, ROW_CASE(…, name) or P_TEXT(__NR_name).  Fast: part of the build.
top=$(cd "$(dirname "$0")/../.." && pwd -P)
def=$top/engine/trace/sys.def

[ -f "$def" ] || { echo "$def: not there" >&2; exit 1; }
exec awk '
FNR == 1 { file++; inrows = 0 }
FILENAME ~ /sys\.def$/ {
	if (match($0, /^[ \t]*SYS\([ \t]*[a-z0-9_]+/)) {
		name = substr($0, RSTART, RLENGTH)
		sub(/^[ \t]*SYS\([ \t]*/, "", name)
		row[name] = FNR
	}
	next
}
{
	line = $0
	if (line ~ /^\/\* rows:/)
		inrows = 1
	if (inrows) {
		words = line
		gsub(/\/\*|\*\/|rows:|\*/, " ", words)
		n = split(words, w, /[^a-z0-9_]+/)
		for (i = 1; i <= n; i++)
			claimed[w[i]] = 1
		if (line ~ /\*\// || line ~ /^ \*[ \t]*$/)
			inrows = 0
		next
	}
	while (match(line, /(P|RAW|CALL_CASE)\([a-z0-9_]+|(CALL_CASE_AS|ROW_CASE)\([^,]*, *[a-z0-9_]+|__NR_[a-z0-9_]+/)) {
		name = substr(line, RSTART, RLENGTH)
		line = substr(line, RSTART + RLENGTH)
		sub(/^__NR_|.*[( ]/, "", name)
		used[name] = 1
	}
}
END {
	for (name in row) {
		if ((name in claimed) && (name in used))
			continue
		printf "sys.def:%d: %s has no probe (%s)\n", row[name], name,
			(name in claimed) ? "named, but not used" : "in no rows: comment"
		bad = 1
	}
	exit bad
}' "$def" "$top"/tests/probes/*.c >&2
