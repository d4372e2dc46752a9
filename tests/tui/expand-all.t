# * opens everything below, and closes it.
pkg demo
run cde-tui $PKG
press j j
save closed
press *
screen ~ "liblapack"
press *
screen = @closed
press q
exit 0
