# From kill, not from the keyboard: 130.
pkg demo
run cde-tui $PKG
signal INT
exit 130
