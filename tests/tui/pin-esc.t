# Esc leaves it.
pkg demo
run cde-tui $PKG
press p Esc
title !~ "staged"
press p z
message ~ "not pinned"
press q
exit 0
