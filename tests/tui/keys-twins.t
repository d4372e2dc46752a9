# Each twin of the table is a verb of cde-pkg.
sh cde-pkg completion words >words && cde-tui --keys | cut -f 3 | sort -u | grep . >twins
sh cde-pkg --help >verbs; for t in $(grep -vx -e missing -e fix twins); do grep -qw -e "$t" verbs || { echo "no verb $t"; exit 1; }; done
