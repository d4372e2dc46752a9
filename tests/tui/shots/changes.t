# Staged and undone groups, as commands.
size 80 24
pkg demo
run cde-tui $PKG
press / t o k y o . d a t Enter p h / l o c a l e . a l i a s Enter d / l i b s s l Enter
press t s s g d u 6
shot changes
press Q Q
exit 0
