# By type.
size 80 24
pkg demo
run cde-tui $PKG
press 3 l j j
shot types
press Q
exit 0
