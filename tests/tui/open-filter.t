# --filter.
pkg demo
run cde-tui --filter name:libc.so* $PKG
message ~ "filter name:libc.so*"
screen ~ "libc.so.6"
screen !~ "stats.py  "
press q
exit 0
