# It is so already.
pkg demo
run cde-tui $PKG
press / t o k y o Enter d d
message ~ "already"
title ~ "1 staged"
press u q
exit 0
