# A marks what is shown, Esc unmarks.
pkg demo
run cde-tui --filter name:*.dat $PKG
press A
message ~ "1 marked"
press Esc Esc
message !~ "marked"
press q
exit 0
