# A whole package by one key, one undo.
pkg demo
run cde-tui $PKG
press 2 l j d
row-state "python3-numpy" = "D"
title ~ "1 staged"
press u
row-state "python3-numpy" = " "
title ~ "322 files"
press q
exit 0
