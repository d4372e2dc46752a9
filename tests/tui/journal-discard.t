# D forgets them.
pkg demo
run cde-tui $PKG
press / t o k y o . d a t Enter d
killed
run cde-tui $PKG
press d
title !~ "staged"
press q
exit 0
run cde-tui $PKG
screen !~ "earlier session"
press q
exit 0
