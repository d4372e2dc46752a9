# P x, and below a directory small letters.
pkg demo
run cde-tui $PKG
press / s t u d y Enter l p x
row-state "home/alice/study/" = "X"
row-state "stats.py" = "x"
press u q
exit 0
