# Random edits, saved as a script: cde-pkg edit makes of a copy what W makes of the package.
# each: 5/demo 6/demo 7/odd 8/missing
pkg @2
sh cp -a cde-package copy
run cde-tui $PKG
edits @1 120
press Esc Esc Esc 1 / j Esc d 6 e C-u
type script
press Enter
message ~ "saved"
press W y
title !~ "staged"
press q
exit 0
sh test -s script && cde-pkg edit -p copy --script script >log
sh for p in cde-package copy; do sqlite3 $p/manifest.db "select path, kind, state, size, note, origin_package from file order by path" >$p.rows; (cd $p && find cde-root | LC_ALL=C sort) >$p.files; done; cmp cde-package.rows copy.rows && cmp cde-package.files copy.files && cmp cde-package/cde.options copy/cde.options
