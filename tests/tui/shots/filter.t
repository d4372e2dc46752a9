# A filter while it is typed.
size 80 24
pkg demo
run cde-tui $PKG
press f
type type:elf-so size>1M
shot filter
press Esc Q
exit 0
