# No such file is an error in words.
pkg demo
run cde-tui $PKG
press a C-u
type /nowhere/at/all
press Enter
message ~ "/nowhere/at/all"
title !~ "staged"
press q
exit 0
