# set remember on: order, flat list and the column of counts come back; --sort overrules.
pkg demo
sh mkdir -p .config/cde && printf "set remember on\n" >.config/cde/tui.conf
unset XDG_STATE_HOME
run cde-tui $PKG
press s n s n t c c
save before
press q
exit 0
sh grep -q "^sort name down list flat" .local/state/cde/tui.state
run cde-tui $PKG
screen ~ "name"
screen ~ "flat"
row 3 ~ "Files"
press q
exit 0
run cde-tui --sort size $PKG
row 3 ~ "tree"
press q
exit 0
sh printf "sort nonsense \033[31m" >.local/state/cde/tui.state
run cde-tui $PKG
row 3 ~ "tree"
press q
exit 0
