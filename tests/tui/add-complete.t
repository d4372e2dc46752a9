# Tab completes.
pkg demo
sh mkdir host && echo data >host/only-one-here.txt
run cde-tui $PKG
press a C-u
type $WORK/host/on
press Tab
row -1 ~ "only-one-here.txt"
press Esc q
exit 0
