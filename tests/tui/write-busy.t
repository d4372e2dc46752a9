# A program runs from the package: W says which, n leaves it staged, w waits; Esc and Ctrl-C
# leave that, too.  When the program ends, it is written.
sh echo a >a.dat; echo b >b.dat; cde -q sh -c "cat a.dat b.dat" >/dev/null; mkfifo ../busy-ready ../busy-gate
sh cde-package/cde-exec sh -c "echo >../busy-ready; cat ../busy-gate" >/dev/null 2>&1 &
sh read x <../busy-ready
run cde-tui $PKG
press / a . d a t Enter d W
screen ~ "Write to the package?"
press y
screen ~ "the package is in use"
screen ~ "process "
press n
message ~ "still staged"
title ~ "1 staged"
press W y w
screen ~ "waiting"
press j w ?
screen ~ "waiting"
resize 20 5
resize 80 24
press Esc
message ~ "still staged"
press W y w C-c
message ~ "still staged"
press W y w Q
message ~ "Q again quits"
sh test -e cde-package/cde-root$PWD/a.dat
press W y w
screen ~ "waiting"
sh echo >../busy-gate
wait "written; u takes it back"
title !~ "staged"
press q
exit 0
sh test ! -e cde-package/cde-root$PWD/a.dat && test -e cde-package/cde-root$PWD/b.dat
