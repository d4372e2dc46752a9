# ":" takes what cde-pkg takes.
pkg demo
run cde-tui $PKG
press :
type drop /home/alice/study/tokyo.dat
press Enter
title ~ "1 staged"
press :
type undo
press Enter
title !~ "staged"
press :
type dorp x
press Enter
title !~ "staged"
press :
type filter class:user
press Enter
message ~ "filter class:user"
press : f o o Enter
message ~ "is expected"
screen !~ "Invalid argument"
press q
exit 0
