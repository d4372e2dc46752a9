# A package without files.
pkg empty
run cde-tui $PKG
title ~ "0 files"
cursor-row ~ "/"
press j k l h 2 3 4 5 6 1 d
screen ~ "0 files"
press Q
exit 0
