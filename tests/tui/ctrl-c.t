# Is Esc, never quits.
pkg demo
run cde-tui --filter libc $PKG
press C-c
message !~ "filter"
press C-c
title ~ "322 files"
press q
exit 0
