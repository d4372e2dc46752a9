# A filter that is set beside another list leaves few files; a search from there, given up
# by Esc, goes back to a row that is still shown.
size 100 24
pkg demo
run cde-tui $PKG
press G 2 f
type tokyo
press Enter / y Esc
screen ~ "tokyo.dat"
press / z Esc q
exit 0
