# Random keys, sizes and signals: nothing on disk changes but the journal, which is what
# was seen; the terminal is as before.
# each: 77/demo 154/odd 231/missing 308/bare 385/big
pkg @2
sh (cd cde-package && find cde-root cde.options -printf "%p %s %T@ %y %l\n" | LC_ALL=C sort; find cde-root -type f -size -64k -exec cat {} +; cat cde.options) | sha256sum >before
run cde-tui $PKG
monkey @1 400
press Esc Esc Esc Esc Esc F 6 g
save changes
press Q Q
exit 0
sh (cd cde-package && find cde-root cde.options -printf "%p %s %T@ %y %l\n" | LC_ALL=C sort; find cde-root -type f -size -64k -exec cat {} +; cat cde.options) | sha256sum >after; cmp before after
run cde-tui $PKG
press Esc 6 g
list = @changes
totals = @changes
press Q Q
exit 0
