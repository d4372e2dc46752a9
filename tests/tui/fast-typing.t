# Many keys at once, none lost.
pkg demo
run cde-tui $PKG
press f
paste name:libgfortran.so.5.0.0
row -1 ~ "name:libgfortran.so.5.0.0"
press Enter
screen ~ "libgfortran"
press q
exit 0
