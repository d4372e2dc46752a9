# What is missing has its place among the files, with a letter and a filter.
pkg missing
run cde-tui $PKG
press f
type missing
press Enter
row-state "inputrc-of-alice" = "!"
row-state "weights.bin" = "!"
row-state "libgfortran.so.5" = "!"
screen !~ "libc.so.6"
press / i n p u t Enter
cursor-row ~ "inputrc-of-alice"
press a
message ~ "/etc/inputrc-of-alice"
press Esc F q
exit 0
