# # writes one.
pkg demo
run cde-tui $PKG
press / t o k y o . d a t Enter #
type from the weather service
press Enter
title ~ "1 staged"
press 6
screen ~ "from the weather service"
press u q
exit 0
