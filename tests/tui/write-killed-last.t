# write-killed has all steps that there are: one more, and nobody is killed.
pkg demo
sh echo new >new
env CDE_FAIL=write:20
run cde-tui $PKG
press / t o k y o . d a t Enter d 1 g j p h a C-u
type new
press Enter
title ~ "3 staged"
press W y
title !~ "staged"
press q
exit 0
