# All below it counts.
pkg demo
run cde-tui $PKG
press j d
row-state "usr/" = "D"
title ~ "1 staged"
press u
title ~ "322 files  40.9 MiB"
press q
exit 0
