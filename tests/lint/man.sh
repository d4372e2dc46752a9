#!/bin/sh
# man.sh BINDIR: man pages have no formatting errors, and name each option that
# --help shows, and no long option besides.
set -u
bin=$(cd "$1" && pwd) || exit
cd "$(dirname "$0")/../.." || exit
bad=0
dirs=$(find engine pkgtools tui -maxdepth 0 2>/dev/null) # those that there are

pages=$(find $dirs -name '*.[1-8]')
for page in $pages; do
	warnings=$(groff -mandoc -Tutf8 -ww -z "$page" 2>&1)
	[ -z "$warnings" ] && continue
	printf 'man: %s\n' "$warnings"
	bad=1
done

for prog in cde cde-exec okapi; do
	page=$(find $dirs -name "$prog.1")
	if [ -z "$page" ]; then
		echo "man: $prog has no man page"
		bad=1
		continue
	fi
	"$bin/$prog" --help | grep -oE '(^|[ ,])--[a-z][a-z-]+' | tr -d ' ,' | sort -u >"/tmp/man.help.$$"
	# mdoc writes --help as "Fl -help"
	sed 's/\\-/-/g; s/\\f.//g; s/Fl -\([a-z]\)/ --\1/g' "$page" | grep -oE '(^|[^a-z-])--[a-z][a-z-]+' |
		grep -oE -e '--[a-z-]+' | sort -u >"/tmp/man.page.$$"
	for o in $(comm -23 "/tmp/man.help.$$" "/tmp/man.page.$$"); do
		echo "man: $page does not name $o"
		bad=1
	done
	for o in $(comm -13 "/tmp/man.help.$$" "/tmp/man.page.$$"); do
		echo "man: $page names $o, which $prog --help does not"
		bad=1
	done
	rm -f "/tmp/man.help.$$" "/tmp/man.page.$$"
done
exit $bad
