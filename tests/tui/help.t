# Made from the table, this screen first.
pkg demo
run cde-tui $PKG
press ?
screen ~ "On this screen: files"
screen ~ "take out of the package"
press G
screen ~ "Filters"
press q 4 F1
screen ~ "On this screen: missing"
press Esc q
exit 0
