# An empty list is said.
pkg demo
run cde-tui $PKG
press t f
type nothing-is-so-named
press Enter
screen ~ "nothing matches"
press F t q
exit 0
