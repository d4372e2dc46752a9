# Ctrl-Z shows the package while the command goes on, and grows; q goes back to it.
sh mkdir study && echo data >study/in.txt && mkfifo study/go
spawn cde-tui --capture sh -c "echo ready; cat study/go; cat study/in.txt; read x; echo got $x"
wait "ready"
feed "\032"
until-pause
wait "capturing"
title !~ "read-only"
press f
type in.txt
press Enter
screen !~ "in.txt/"
screen !~ "  in.txt"
sh echo on >study/go
wait "  in.txt"
press F q
wait "data"
feed "hello\012"
until-pause
screen ~ "got hello"
screen ~ "sh ended with status 0"
press Enter
title !~ "capturing"
press / i n . t x t Enter
cursor-row ~ "in.txt"
press q
exit 0
