# Names of any bytes.
size 80 24
pkg odd
run cde-tui $PKG
press s n j j j
shot odd-names
press Q
exit 0
