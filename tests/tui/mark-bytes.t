# How much is marked, also below marked directories, each file once.
pkg demo
run cde-tui $PKG
press t Space Space
message ~ "2 marked, 13.5 MiB"
press t g j Space
message ~ "3 marked, 40.9 MiB"
press Esc
message !~ "marked"
press q
exit 0
