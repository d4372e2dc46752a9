# A column that is not wanted; one that does not exist is named.
sh mkdir -p .config/cde && printf 'column origin off\ncolumn asked off\ncolumn nose off\n' >.config/cde/tui.conf
pkg missing
run cde-tui $PKG
message ~ "tui.conf:3: column nose"
row 3 !~ "Origin"
row 3 ~ "Type"
press 4
row 3 !~ "Asked by"
row 3 ~ "Call"
press 1 2
row 3 ~ "Origin"
press q
exit 0
