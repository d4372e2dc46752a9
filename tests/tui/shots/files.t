# Files as a tree, 80x24.
size 80 24
pkg demo
run cde-tui $PKG
press j j l j l j j
shot files
press Q
exit 0
