# P takes it from the host.
pkg missing
run cde-tui $PKG
press 4 p
row-state "libgfortran.so.5" = "H"
title ~ "1 staged"
press u b
title ~ "1 staged"
press u q
exit 0
