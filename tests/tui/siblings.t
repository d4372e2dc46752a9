# ] and [ stay on one level.
pkg demo
run cde-tui $PKG
press j j l
press ]
cursor-row ~ "bin/"
press [
cursor-row ~ "lib/"
press q
exit 0
