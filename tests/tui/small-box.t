# A box that does not fit is the whole screen.
size 30 6
pkg demo
run cde-tui $PKG
press ?
row 1 ~ "Help"
press j j q
press i
press q q
exit 0
