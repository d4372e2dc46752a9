#!/bin/sh
# timeout: 200
# Owners are those that dpkg names, for some thousand files, and what dpkg calls changed is.
# once: cde-pkg looks at packages
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/pkg.inc"
need dpkg dpkg-query
# Every 40th of all files, some links of the alternatives, both spellings of merged /usr.
cat /var/lib/dpkg/info/*.list | awk 'NR % 40 == 0' | grep '^/usr/[bls]' | head -n 2500 >"$WORK/all"
ls -d /usr/bin/awk /etc/alternatives/awk /usr/bin/which /bin/sh /usr/bin/dash \
	/lib/x86_64-linux-gnu/libc.so.6 /etc/bash.bashrc /etc/debian_version 2>/dev/null >>"$WORK/all"
while read -r f; do
	if [ -f "$f" ] && [ -r "$f" ]; then echo "$f"; fi
done <"$WORK/all" | sort -u >list
[ "$(wc -l <list)" -gt 500 ] || skip "too few files of packages here"
capture sh -c 'xargs -d "\n" cat <list >/dev/null'
status_is capture 0
# What is asked: files in the package, under the names that they have there.
manifest "SELECT path || '|' || coalesce(origin_package, '') FROM file WHERE state=0
	AND kind='f' AND path LIKE '/usr/%' AND path NOT LIKE '/usr/local/%'" | sort >"$WORK/ours"
# dpkg knows one spelling of each: ask for both.
cut -d '|' -f 1 "$WORK/ours" >"$WORK/paths"
{ cat "$WORK/paths"; sed -n 's,^/usr\(/\(bin\|sbin\|lib[0-9x]*\)/\),\1,p' "$WORK/paths"; } |
	xargs -d '\n' dpkg-query -S 2>/dev/null | grep -v '^diversion by\|^local diversion' |
	sed 's/^\([^ ,]*\)\(, [^ ,]*\)*: /\1|/' |
	awk -F '|' '{ p = $2; if (p !~ "^/usr/") p = "/usr" p; n = $1; sub(/:.*/, "", n)
		owner[p] = owner[p] " " n " " }
		END { for (p in owner) print p "|" owner[p] }' >"$WORK/theirs"
awk -F '|' 'NR == FNR { owner[$1] = $2; next }
	{ n = $2; sub(/:.*/, "", n)
	  # a link of the alternatives is nobody to dpkg; we follow it
	  if (!($1 in owner)) { if (n != "") { print "dpkg has no owner, we say: " $0 }; next }
	  if (index(owner[$1], " " n " ") == 0) print "dpkg:" owner[$1] "  we: " $0 }' \
	"$WORK/theirs" "$WORK/ours" >"$WORK/differ"
[ -s "$WORK/differ" ] && { head -n 20 "$WORK/differ"; fail "$(wc -l <"$WORK/differ") owners differ"; }
known=$(wc -l <"$WORK/theirs")
[ "$known" -gt 500 ] || fail "dpkg knew only $known"
# Versions.
manifest "SELECT DISTINCT origin_package || '|' || origin_version FROM file
	WHERE origin_class='package'" | sort >"$WORK/versions"
cut -d '|' -f 1 "$WORK/versions" | xargs dpkg-query -W -f '${binary:Package}|${Version}\n' |
	sed 's/^\([^:|]*\):[^|]*|/\1|/' | sort -u >"$WORK/v.theirs"
sed 's/^\([^:|]*\):[^|]*|/\1|/' "$WORK/versions" | sort -u >"$WORK/v.ours"
diff "$WORK/v.theirs" "$WORK/v.ours" || fail "versions differ"
# Changed files: those that dpkg --verify names, of the ones that we have, and one that is
# changed here, in the package.
mine=$(sed -n 's,|.*,,; /[.]txt$\|[.]h$\|[.]gz$/p' "$WORK/ours" | head -n 1)
[ -n "$mine" ] || broken "no file to change"
chmod u+w "$PACKAGE/cde-root$mine" && echo more >>"$PACKAGE/cde-root$mine"
pkg scan
status_is pkg 0
pkg ls --format tsv --columns path modified class:package
sed 1d "$WORK/pkg.out" | sort >"$WORK/m.ours"
cut -d '|' -f 1 "$WORK/versions" | xargs dpkg --verify 2>/dev/null |
	sed -n 's/^..5...... *c* *//p' |
	sed 's,^/\(bin\|sbin\|lib[0-9x]*\)/,/usr&,' | sort >"$WORK/verify"
{ comm -12 "$WORK/paths" "$WORK/verify"; echo "$mine"; } | sort -u >"$WORK/m.theirs"
grep '^/usr/' "$WORK/m.ours" | diff "$WORK/m.theirs" - || fail "not the files that dpkg calls changed"
echo "$known owners, $(wc -l <"$WORK/versions") versions, $(wc -l <"$WORK/m.theirs") changed"
# What is not in the package has an origin, too: names that were only listed, and the host's.
PACKAGE=$WORK/pkg/listed
capture sh -c 'ls /usr/bin; cat /etc/passwd'
pkg ls --format tsv --columns path,class,package state:- kind:fl
sed 1d "$WORK/pkg.out" >"$WORK/listed"
[ "$(wc -l <"$WORK/listed")" -gt 50 ] || fail 'no placeholders'
cut -f 1 "$WORK/listed" | xargs dpkg -S 2>/dev/null | grep -v '^diversion' |
	sed -n 's,.*: \(/usr/bin/\),\1,p' | sort -u >"$WORK/owned"
awk -F '\t' '$2 == "package" && $3 != "" { print $1 }' "$WORK/listed" | sort -u >"$WORK/says"
comm -23 "$WORK/owned" "$WORK/says" >"$WORK/differ"
[ ! -s "$WORK/differ" ] || { head "$WORK/differ"; fail 'placeholders that dpkg knows'; }
pkg info --format json /etc/passwd
out_has pkg '"class":"config"'
pkg du --by origin --format tsv
bytes=$(sed -n 's/^\([0-9]*\).*/\1/p' "$WORK/pkg.out" | awk '{ n += $1 } END { print n }')
[ "$bytes" = "$(manifest "SELECT sum(size) FROM file WHERE state=0 AND kind='f'")" ] ||
	fail 'du counts what is not in the package'
