# A free key says so.
pkg demo
run cde-tui $PKG
press Z
message ~ "unbound key: Z (press ?)"
press q
exit 0
