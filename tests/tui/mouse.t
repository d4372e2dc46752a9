# Off by default, M turns it on, a click selects.
pkg demo
run cde-tui $PKG
press M
message ~ "mouse on"
send "\033[<0;20;6M"
cursor-row ~ "lib/"
press M
message ~ "mouse off"
press q
exit 0
