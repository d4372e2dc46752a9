# All files, largest first.
size 80 24
pkg demo
run cde-tui $PKG
press t j j Space j Space
shot files-flat
press Q
exit 0
