# T lists all files by size, the cursor stays on its file.
pkg demo
run cde-tui $PKG
press / t o k y o . d a t Enter
cursor-row ~ "tokyo.dat"
press t
row 3 ~ "flat"
cursor-row ~ "home/alice"
press g
cursor-row ~ "7.0 MiB"
press t
row 3 ~ "tree"
press q
exit 0
