# Off by default, m turns it on, a click selects.
pkg demo
run cde-tui $PKG
press m
message ~ "mouse on"
send "\033[<0;20;6M"
cursor-row ~ "lib/"
press m
message ~ "mouse off"
press q
exit 0
