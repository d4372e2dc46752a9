# What a package of a study looks like.
pkg demo
run cde-tui $PKG
title ~ "cde-package  python3 stats.py tokyo.dat"
title ~ "322 files  40.9 MiB"
row 2 ~ "1 Files"
row 3 ~ "Size Share"
screen ~ "d drop"
cursor-row ~ "/"
press q
exit 0
