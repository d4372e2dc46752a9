# Help, from the table of keys.
size 80 24
pkg demo
run cde-tui $PKG
press ?
shot help
press Q
exit 0
