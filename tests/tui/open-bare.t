# No manifest, the tree is all there is.
pkg bare
run cde-tui $PKG
title ~ "read-only"
screen ~ "usr/"
press d
message ~ "without manifest"
press 5
screen ~ "no run is on record"
press q
exit 0
