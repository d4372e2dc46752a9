# Left, Home, C-w, C-u, and characters beyond ASCII.
pkg demo
run cde-tui $PKG
press f
type abc def
press C-w
row -1 ~ "filter: abc"
type é
press Left BS
row -1 ~ "filter: abcé"
press Home Del
row -1 ~ "filter: bcé"
press C-u Esc q
exit 0
