# A package with one file.
pkg one
run cde-tui $PKG
title ~ "1 files"
press j
cursor-row ~ "only"
press d
row-state "only" = "D"
title ~ "0 files"
press u
title ~ "1 files"
press q
exit 0
