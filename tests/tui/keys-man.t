# The manual's section of keys is the program's table.
sh sed -n '/^.." KEYS$/,/^.." END$/p' "$TUI_TOP/tui/cde-tui.1" | sed '1d;$d' >have && test -s have && sh "$TUI_TOP/tui/keys_man.sh" cde-tui >want && cmp have want
