# write-killed has all steps that there are: one more, and nobody is killed.
pkg demo
env CDE_FAIL=write:14
run cde-tui $PKG
press / t o k y o . d a t Enter d 1 g j p h a C-u
type /etc/passwd
press Enter
title ~ "3 staged"
press W y
title !~ "staged"
press q
exit 0
