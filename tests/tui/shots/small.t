# 20x5.
size 20 5
pkg demo
run cde-tui $PKG
press j j d
shot small
press Q Q
exit 0
