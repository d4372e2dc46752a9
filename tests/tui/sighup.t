# 129.
pkg demo
run cde-tui $PKG
signal HUP
exit 129
