# A lost library, and what else the run asked for.
size 80 24
pkg missing
run cde-tui $PKG
press 4
shot missing
press Q
exit 0
