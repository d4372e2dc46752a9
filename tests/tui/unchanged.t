# Nothing on disk changes before W.
pkg demo
sh (cd cde-package && find cde-root cde.options | sort | xargs -d "\n" stat -c "%n %s %Y" >../before)
run cde-tui $PKG
press j d p h 2 l d 1 / t o k y o Enter d
press Q Q
exit 0
sh (cd cde-package && find cde-root cde.options | sort | xargs -d "\n" stat -c "%n %s %Y" >../after) && cmp before after
