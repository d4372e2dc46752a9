# Random edits, then undo until there is nothing to undo: the start; the same with a write
# in between.
# each: 11/demo 22/demo 33/odd 44/missing
pkg @2
sh cde-pkg status -p cde-package --format json >status.before; cde-pkg ls -p cde-package --format json >ls.before; cp cde-package/cde.options options
run cde-tui $PKG
save start
edits @1 150
press Esc Esc Esc 1
press-until "nothing to undo" u
title = @start
press Q Q
exit 0
sh cde-pkg status -p cde-package --format json >status; cmp status status.before
run cde-tui $PKG
edits @1 60
press Esc Esc Esc 1 W y
title !~ "staged"
edits @1 61
press Esc Esc Esc 1
press-until "nothing to undo" u
press W y
title = @start
press Q Q
exit 0
sh cde-pkg ls -p cde-package --format json >ls.after; cmp ls.before ls.after
sh cmp cde-package/cde.options options
sh cde-pkg verify -p cde-package >out 2>&1; ! grep -q "lost\|gone" out
