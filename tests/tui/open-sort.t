# --sort.
pkg demo
run cde-tui --sort name $PKG
row 3 ~ "name ↑"
press q
exit 0
