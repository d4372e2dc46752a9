# One key, one undo, the same screen.
pkg demo
run cde-tui $PKG
press / l i b c . s o Enter
save before
press d
message ~ "by the run"
row-state "libc.so.6" = "D"
press j
attr "libc.so.6" dim
press k
title ~ "1 staged"
press u
row-state "libc.so.6" = " "
press C-r
row-state "libc.so.6" = "D"
press u q
exit 0
