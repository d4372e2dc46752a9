# 20000 files.
pkg big
run cde-tui $PKG
title ~ "20000 files"
press G
cursor-row ~ "part"
press l
screen ~ "file0"
press t
press G
cursor-row ~ "data/part"
press q
exit 0
