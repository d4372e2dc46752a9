#!/bin/sh
# keys_man.sh CDE-TUI: the section KEYS of cde-tui(1), from the program's own table.
# cde-tui.1 has its output between the lines .\" KEYS and .\" END; a test compares.
"$1" --keys | LC_ALL=C awk -F '\t' '
	$4 != group { group = $4; n++; title[n] = group; body[n] = "" }
	{
		for (i = 1; i <= n && title[i] != $4; i++)
			;
		twin = $3 == "" ? "" : "\n.Pq Nm cde-pkg Cm " $3
		body[i] = body[i] "\n.It " quote($2) "\n" cap($5) "." twin
	}
	function quote(s,  a, k, out) {
		k = split(s, a, " ")
		out = ""
		for (j = 1; j <= k; j++)
			out = out (j > 1 ? " No , " : "") "Ic \\&" a[j]
		return out
	}
	function cap(s) { return toupper(substr(s, 1, 1)) substr(s, 2) }
	END {
		for (i = 1; i <= n; i++) {
			if (seen[title[i]]++)
				continue
			all = ""
			for (j = i; j <= n; j++)
				if (title[j] == title[i])
					all = all body[j]
			print ".Ss " title[i]
			print ".Bl -tag -width \"PgDn, C-f\" -compact" all
			print ".El"
		}
	}'
