# Without NO_COLOR.
pkg demo
run cde-tui --color=never $PKG
attr "usr/" plain
press q
exit 0
