# E saves what cde-pkg edit can do again.
pkg demo
sh cp -a cde-package copy
run cde-tui $PKG
press / t o k y o . d a t Enter d 2 j d 6 e C-u
type edits
press Enter
message ~ "saved"
press W y
press q
exit 0
sh cde-pkg edit -p copy --script edits >log
sh for p in cde-package copy; do sqlite3 $p/manifest.db "select path,kind,state,size,origin_package from file order by path" >$p.rows; (cd $p && find cde-root | sort) >$p.files; done; cmp cde-package.rows copy.rows && cmp cde-package.files copy.files && cmp cde-package/cde.options copy/cde.options
