# Killed at a step of the write: the package is the old one or the new one, and opens.
pkg demo
env CDE_FAIL=write:2
run cde-tui $PKG
press / t o k y o . d a t Enter d W
keys y
dies 137
unset CDE_FAIL
run cde-tui $PKG
press Esc
title ~ "1 staged"
press W y
title ~ "321 files"
press q
exit 0
sh test ! -e cde-package/cde-root/home/alice/study/tokyo.dat
