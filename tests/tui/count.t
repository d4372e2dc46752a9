# C shows numbers of files instead of sizes.
pkg demo
run cde-tui $PKG
press c
row 3 ~ "Files"
cursor-row ~ "322"
press c
cursor-row ~ "40.9 MiB"
press q
exit 0
