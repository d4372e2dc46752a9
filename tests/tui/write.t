# W y; dropped files are kept, pins are rules, undo works after it.
pkg demo
run cde-tui $PKG
press / t o k y o . d a t Enter d W
screen ~ "Write to the package?"
screen ~ "1 file, "
press y
message ~ "written"
title ~ "321 files"
sh test ! -e cde-package/cde-root/home/alice/study/tokyo.dat
press u
title ~ "1 staged"
press W y
title ~ "322 files"
sh test -e cde-package/cde-root/home/alice/study/tokyo.dat
press q
exit 0
