# --capture: the command has the terminal, then its package is shown.
sh mkdir study && echo data >study/in.txt
spawn cde-tui --capture cat study/in.txt
until-pause
screen ~ "data"
screen ~ "cat ended with status 0"
press Enter
title ~ "cat study/in.txt"
press / i n . t x t Enter
cursor-row ~ "in.txt"
press q
exit 0
sh test -d cde-package/cde-root
