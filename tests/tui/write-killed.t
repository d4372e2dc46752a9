# Killed at a step of the write: whoever opens the package next finds the old one or the
# new one, and can write what is left.
# each: 1 2 3 4 5 6
pkg demo
env CDE_FAIL=write:@1
run cde-tui $PKG
press / t o k y o . d a t Enter d W
keys y
dies 137
unset CDE_FAIL
run cde-tui $PKG
press Esc
press Q Q
exit 0
sh cd cde-package && cde-pkg ls --format 0 tokyo.dat >../row; if grep -q tokyo ../row; then test -e cde-root/home/alice/study/tokyo.dat; else test ! -e cde-root/home/alice/study/tokyo.dat; fi
sh cde-pkg write -p cde-package >/dev/null 2>&1; test ! -e cde-package/cde-root/home/alice/study/tokyo.dat
sh cde-pkg ls -p cde-package --format 0 tokyo.dat >row; ! grep -q tokyo row
