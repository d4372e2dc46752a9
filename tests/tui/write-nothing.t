# W with nothing staged.
pkg demo
run cde-tui $PKG
press W
message ~ "nothing is staged"
press q
exit 0
