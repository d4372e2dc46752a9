# NO_COLOR: letters say it all.
size 80 24
env NO_COLOR=1
pkg demo
run cde-tui $PKG
press j j l j l j Space j d j p h
shot no-color
press Q Q
exit 0
