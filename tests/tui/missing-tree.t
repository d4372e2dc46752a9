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
sh test "$(cde-pkg ls -p cde-package --format 0 missing | tr "\\0" "\\n" | sort | tr "\\n" " ")" = "/etc/inputrc-of-alice /home/alice/study/weights.bin /usr/lib/x86_64-linux-gnu/libgfortran.so.5 " || { cde-pkg ls -p cde-package missing; false; }
press / i n p u t Enter
cursor-row ~ "inputrc-of-alice"
press a
message ~ "/etc/inputrc-of-alice"
press Esc F q
exit 0
