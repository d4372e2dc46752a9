# No crash, keys work.
size 1 1
pkg demo
run cde-tui $PKG
press j d u ? q 2 3 4 5 6 1 q
exit 0
