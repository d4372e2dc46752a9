# N, Esc and q leave the box, nothing happens.
pkg demo
run cde-tui $PKG
press / t o k y o . d a t Enter d W n
title ~ "1 staged"
press W Esc W q
title ~ "1 staged"
sh test -e cde-package/cde-root/home/alice/study/tokyo.dat
press Q Q
exit 0
