# Moves, marks, drops, undoes, writes, quits.
size 20 5
pkg demo
run cde-tui $PKG
press j d
row 3 ~ "D"
title ~ "1*"
press u
press Space
row 3 ~ "*"
press Esc
press j j ? q
press W
message ~ "nothing"
press d W
row -1 ~ "y write"
press Esc u q
exit 0
