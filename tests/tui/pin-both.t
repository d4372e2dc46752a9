# p b: a file that the package has is the package's; a directory with too many is refused.
pkg demo
run cde-tui $PKG
press / t o k y o . d a t Enter p
screen ~ "b both"
press b
row-state "tokyo.dat" = " "
message ~ "sandbox"
press 6
screen ~ "pin /home/alice/study/tokyo.dat sandbox"
press u 1 g p b
message ~ "more than"
title !~ "staged"
press q
exit 0
