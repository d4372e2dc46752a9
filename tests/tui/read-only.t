# -r cannot change anything.
pkg demo
run cde-tui -r $PKG
title ~ "read-only"
screen !~ "d drop"
press d
message ~ "read-only"
press p
message ~ "read-only"
press W
message ~ "read-only"
press q
exit 0
