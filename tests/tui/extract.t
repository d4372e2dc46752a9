# X copies what is stored.
pkg demo
run cde-tui $PKG
press / t o k y o . d a t Enter x C-u
type out
press Enter
message ~ "1 file to out"
sh cmp out/home/alice/study/tokyo.dat cde-package/cde-root/home/alice/study/tokyo.dat
press x C-u
type out
press Enter
message ~ "exists"
press q
exit 0
