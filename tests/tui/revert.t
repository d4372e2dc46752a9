# R takes back what is staged for a row.
pkg demo
run cde-tui $PKG
press t g d j d k r
row-state "7.0 MiB" = " "
press Q Q
exit 0
