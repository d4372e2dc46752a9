# q warns once, and so does Q, the edits stay.
pkg demo
run cde-tui $PKG
press / t o k y o . d a t Enter d q
message ~ "q again quits"
press q
exit 0
run cde-tui $PKG
screen ~ "Edits of an earlier session"
press r
title ~ "1 staged"
press Q
message ~ "Q again quits"
press j Q
message ~ "Q again quits"
press ? Q
message ~ "Q again quits"
press Q
exit 0
run cde-tui -r $PKG
press ? Q
exit 0
