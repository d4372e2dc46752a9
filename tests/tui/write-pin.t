# Becomes a rule of cde.options.
pkg demo
run cde-tui $PKG
press / t o k y o . d a t Enter p h W y
message ~ "written"
sh grep -qx "ignore_exact=/home/alice/study/tokyo.dat" cde-package/cde.options || grep -q "ignore_.*=/home/alice/study/tokyo.dat" cde-package/cde.options
press q
exit 0
