# Every key sorts and says so.
pkg demo
run cde-tui $PKG
press s t
row 3 ~ "type ↑"
press s o
row 3 ~ "origin ↑"
press s a
row 3 ~ "access ↓"
press s c
row 3 ~ "count ↓"
press s p
row 3 ~ "path ↑"
press s u
row 3 ~ "unique ↓"
press s Esc
row 3 ~ "unique ↓"
press s z
message ~ "not sorted"
press q
exit 0
