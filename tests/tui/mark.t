# Space marks and steps, d is for the marked.
pkg demo
run cde-tui $PKG
press t g Space Space
message ~ "2 marked"
row 4 ~ "*"
press d
message ~ "drop 2 paths"
title ~ "320 files"
press u
message ~ "undone: drop 2 paths"
title ~ "322 files"
press q
exit 0
