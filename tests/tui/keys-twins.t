# Each twin of the table is a verb of cde-pkg, and whatever changes something has one.
sh cde-tui --keys | cut -f 3 | sort -u | grep . >twins; cde-pkg completion words | sed -n "s/^verb \\([a-z]*\\)\t.*/\\1/p" | sort >verbs; test -s verbs && comm -23 twins verbs >none && ! test -s none || { cat none; exit 1; }
sh cde-tui --keys | awk -F "\t" '$4 == "Change" { n++; if ($3 == "") { print "no twin: " $1; bad = 1 } } END { exit bad || n < 8 }'
# What p asks for, all of it.
sh cde-pkg completion words | grep -q "^verb pin.*host|sandbox|both|hidden|absent|inherit"
