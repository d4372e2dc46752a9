# Wins over NO_COLOR.
pkg demo
env NO_COLOR=1
run cde-tui --color=always $PKG
attr "usr/" colour
press q
exit 0
