# Kill -9 loses nothing.
pkg demo
run cde-tui $PKG
press / t o k y o . d a t Enter d
killed
run cde-tui $PKG
screen ~ "Edits of an earlier session"
press v
attr "6 Changes" underline
screen ~ "tokyo.dat"
press u
title !~ "staged"
press q
exit 0
