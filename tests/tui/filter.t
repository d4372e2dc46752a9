# Live while it is typed, Enter keeps it, F clears it.
pkg demo
run cde-tui $PKG
press f
type libc.so
screen ~ "libc.so.6"
press Enter
message ~ "filter libc.so"
screen !~ "python3.11/"
press F
screen ~ "etc/"
press q
exit 0
