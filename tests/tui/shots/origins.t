# By origin; the packages of the distribution.
size 80 24
pkg demo
run cde-tui $PKG
press 2 l j j d j
shot origins
press Q Q
exit 0
