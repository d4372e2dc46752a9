# Box, filter, marks.
pkg demo
run cde-tui --filter name:lib* $PKG
press Space ? Esc
message ~ "1 marked"
press Esc
message !~ "filter"
message ~ "1 marked"
press Esc
message !~ "marked"
press q
exit 0
