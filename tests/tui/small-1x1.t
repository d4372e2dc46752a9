# No crash, keys work: a drop is staged on one cell, and written.
size 1 1
pkg demo
run cde-tui $PKG
press j d u ? q 2 3 4 5 6 1 s n p Esc f Esc a Esc : Esc i q y q w q
press / t o k y o . d a t Enter d
resize 80 24
title ~ "1 staged"
row-state "tokyo.dat" = "D"
resize 1 1
press W y
resize 80 24
title ~ "321 files"
title !~ "staged"
resize 1 1
press q
exit 0
