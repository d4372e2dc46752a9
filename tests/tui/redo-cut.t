# A new edit cuts what was undone.
pkg demo
run cde-tui $PKG
press t g d j d u
title ~ "1 staged"
press j j d
press C-r
message ~ "nothing to redo"
press 6
screen ~ "drop"
press 1 u u u
message ~ "nothing to undo"
press q
exit 0
