# A real program lost three files: a run finds them, they are added, written, tried again,
# until nothing is missing.
sh mkdir study && cd study && for f in a b c; do echo $f >$f.dat; done && cde -q -o ../cde-package cat a.dat b.dat c.dat >/dev/null
sh find cde-package/cde-root -name "?.dat" -delete
run cde-tui $PKG
press 4
keys T
until-pause
press Enter
message ~ "status 1"
cursor-row ~ "!!!"
screen ~ "a.dat"
screen ~ "b.dat"
screen ~ "c.dat"
press a j a j a
title ~ "3 staged"
press W
screen ~ "3 files"
keys t
until-pause
press Enter
message ~ "status 0"
screen !~ "!!"
press q
exit 0
sh ./cde-package/rerun >out; test "$(tr -d "\\n" <out)" = abc
