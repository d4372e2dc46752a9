# C-l draws the same.
pkg demo
run cde-tui $PKG
press j j
save before
press C-l
screen = @before
press q
exit 0
