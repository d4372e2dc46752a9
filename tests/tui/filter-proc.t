# By the process that used it.
pkg demo
run cde-tui $PKG
press f
type proc:python3.11
press Enter
screen ~ "usr/"
press q
exit 0
