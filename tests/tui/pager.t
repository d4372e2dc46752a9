# O shows the stored file in $PAGER.
pkg demo
env PAGER=cat>seen
sh printf stored >cde-package/cde-root/home/alice/study/tokyo.dat
run cde-tui $PKG
press / t o k y o . d a t Enter
keys o
press j
sh test "$(cat seen)" = stored
press q
exit 0
