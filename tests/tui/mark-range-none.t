# V without a mark.
pkg demo
run cde-tui $PKG
press v
message ~ "Space"
press q
exit 0
