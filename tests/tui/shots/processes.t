# The processes of the run.
size 80 24
pkg demo
run cde-tui $PKG
press 5 j
shot processes
press Q
exit 0
