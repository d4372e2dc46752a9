# + and - by expression.
pkg demo
run cde-tui $PKG
press +
type type:elf-so
press Enter
message ~ "29 marked"
press -
type numpy
press Enter
message ~ "unmarked"
press q
exit 0
