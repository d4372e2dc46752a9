# The tree of the run; Enter filters.
pkg demo
run cde-tui $PKG
press 5
screen ~ "run 1"
screen ~ "exit 0"
press j
cursor-row ~ "2363"
press Enter
message ~ "filter proc:python3.11"
press q
exit 0
