# V marks from the last mark to here.
pkg demo
run cde-tui $PKG
press t g Space j j v
message ~ "4 marked"
press Esc
message !~ "marked"
press q
exit 0
