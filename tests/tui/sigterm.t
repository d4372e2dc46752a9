# 143, the terminal as before, edits kept.
pkg demo
run cde-tui $PKG
press / t o k y o . d a t Enter d
signal TERM
exit 143
run cde-tui $PKG
screen ~ "earlier session"
press d q
exit 0
