# Moves, marks, drops, undoes, writes, quits: on all six screens.
size 20 5
pkg missing
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
press / t o k y o . d a t Enter d W
row 1 ~ "Write"
row -1 ~ "y write n back"
press Esc
title ~ "1*"
press 2
title ~ "2 Origins"
press j
save origins
press k
screen !~ "3 "
press j
screen = @origins
press d
title ~ "2*"
press u
title ~ "1*"
press 3
title ~ "3 Types"
press j d
title ~ "2*"
press u 4
title ~ "4 Missing"
row 2 ~ "libgfortran"
press b
title ~ "2*"
press u j k w q 5
title ~ "5 Proc"
press j Enter
row -1 ~ "f /home"
press F 6
title ~ "6 Changes"
row 2 ~ "drop"
press j k W y
message ~ "written"
title !~ "*"
press u
title ~ "1*"
press W y
message ~ "written"
press 1 s
message ~ "n s u t o a c p r"
press Esc p
message ~ "h p b x n r"
press Esc q
exit 0
sh test -e cde-package/cde-root/home/alice/study/tokyo.dat
