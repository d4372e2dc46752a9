#!/bin/sh
# flags.sh: no two flags of an enum (NAME = 1 << n) have the same bit.
# The compiler does not say it, and a bit that means two things is found late.
set -u
cd "$(dirname "$0")/../.." || exit
find engine pkgtools tui tests -name '*.[ch]' -exec awk '
	FNR == 1 { inside = 0 }
	/^(typedef )?enum.*\{/ { inside = 1; split("", seen) }
	inside {
		line = $0
		gsub(/\/\*.*\*\//, "", line)
		while (match(line, /[A-Z][A-Z0-9_]* = 1u? << [0-9]+/)) {
			split(substr(line, RSTART, RLENGTH), part, " = ")
			line = substr(line, RSTART + RLENGTH)
			if (part[2] in seen) {
				printf "flags: %s:%d: %s has the bit of %s\n", FILENAME, FNR, part[1], seen[part[2]]
				bad = 1
			}
			seen[part[2]] = part[1]
		}
	}
	/\}/ { inside = 0 }
	END { exit bad }' {} +
