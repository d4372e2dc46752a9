# Says so.
pkg demo
run cde-tui $PKG
press u
message ~ "nothing to undo"
press q
exit 0
