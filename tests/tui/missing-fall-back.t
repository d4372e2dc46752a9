# b: what a directory lacks is the host's, what the package has of it stays the package's.
sh mkdir study study/sub && cd study && echo a >a.dat; echo b >b.dat; echo c >sub/c.dat; cde -q -o ../cde-package cat a.dat b.dat sub/c.dat >/dev/null
sh find cde-package/cde-root -name b.dat -delete; cp cde-package/cde.options options
sh echo host >study/a.dat; echo host >study/sub/c.dat
run cde-tui $PKG
press 4
keys T
until-pause
press Enter
cursor-row ~ "b.dat"
press b
title ~ "1 staged"
row-state "b.dat" = "h"
press W
screen ~ "3 paths"
keys t
until-pause
press Enter
message ~ "status 0"
screen !~ "study/b.dat"
press q
exit 0
sh ./cde-package/rerun >out; test "$(tr -d "\\n" <out)" = abc
run cde-tui $PKG
press u W y
message ~ "written"
press q
exit 0
sh cmp cde-package/cde.options options
