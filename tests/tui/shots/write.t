# What W asks.
size 80 24
pkg demo
run cde-tui $PKG
press / t o k y o . d a t Enter p h / l i b c . s o Enter d 6 W
shot write
press Q Q
exit 0
