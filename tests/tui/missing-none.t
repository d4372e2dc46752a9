# Nothing is missing, z shows the normal probes.
pkg demo
run cde-tui $PKG
press 4
screen ~ "Nothing is missing"
press z
screen ~ "ld.so.preload"
press z q
exit 0
