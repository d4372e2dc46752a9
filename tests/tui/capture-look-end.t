# It ends while somebody looks: that is said, and what it printed is shown in the end.
sh mkfifo go
spawn cde-tui --capture sh -c "echo ready; cat go; echo last words; exit 3"
wait "ready"
feed "\032"
until-pause
wait "capturing"
sh echo on >go
wait "sh ended with status 3"
title !~ "capturing"
screen !~ "last words"
press j d
title ~ "1 staged"
press u q
exit 3
screen ~ "last words"
