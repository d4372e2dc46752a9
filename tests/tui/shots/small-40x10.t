# 40x10.
size 40 10
pkg demo
run cde-tui $PKG
press j j l j
shot small-40x10
press Q
exit 0
