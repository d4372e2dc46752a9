# Q warns once, the edits stay.
pkg demo
run cde-tui $PKG
press / t o k y o . d a t Enter d q
message ~ "not written"
press q
exit 0
run cde-tui $PKG
screen ~ "Edits of an earlier session"
press r
title ~ "1 staged"
press Q
exit 0
