# Groups, commands, the bar between done and undone.
pkg demo
run cde-tui $PKG
press / t o k y o . d a t Enter d p h 6
screen ~ "drop /home/alice/study/tokyo.dat"
press u
screen ~ "undone"
screen ~ "C-r"
press u
press C-r C-r
press g Enter
cursor-row ~ "tokyo.dat"
press u u q
exit 0
