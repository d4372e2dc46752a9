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

# help PROG: what it says about its options, of all verbs.
help()
{
	"$bin/$1" --help
	[ "$1" != cde-pkg ] || "$bin/$1" completion words | sed -n 's/^option .*\t.\t\(.*\)\t.*/ --\1/p'
}

for prog in cde cde-exec okapi cde-pkg cde-tui; do
	page=$(find $dirs -name "$prog.1")
	if [ -z "$page" ]; then
		echo "man: $prog has no man page"
		bad=1
		continue
	fi
	help "$prog" | grep -oE '(^|[ ,])--[a-z][a-z-]+' | tr -d ' ,' | sort -u >"/tmp/man.help.$$"
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

# Each verb of cde-pkg has a synopsis and a heading as its table says.
page=$(find $dirs -name cde-pkg.1)
"$bin/cde-pkg" completion man >"/tmp/man.verbs.$$"
man_text=$(groff -mandoc -Tascii -P-c "$page" 2>/dev/null | sed 's/.\x08//g' | tr -s ' ')
while read -r line; do
	case $man_text in
	*"$line"*) ;;
	*)
		echo "man: $page has no synopsis: $line"
		bad=1
		;;
	esac
done <"/tmp/man.verbs.$$"
rm -f "/tmp/man.verbs.$$"
exit $bad
