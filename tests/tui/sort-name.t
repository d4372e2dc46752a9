# S n, then the other way round.
pkg demo
run cde-tui $PKG
press s
screen ~ "sort: n name"
press n
row 3 ~ "name ↑"
press s n
row 3 ~ "name ↓"
press s s
row 3 ~ "size ↓"
press q
exit 0
