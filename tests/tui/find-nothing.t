# Says so and stays.
pkg demo
run cde-tui $PKG
press j /
type zzzz
screen ~ "not found"
press Esc
cursor-row ~ "usr/"
press q
exit 0
