# Acts on many files are done beside, and are whole when a key is read next.
pkg big
run cde-tui $PKG
press t A
message ~ "20000 marked, 953.4 MiB"
press d
title ~ "1 staged"
title ~ " 0 files"
press u
title ~ "20000 files"
press C-r
title ~ " 0 files"
press W y
message ~ "written"
title ~ " 0 files"
press u W y
message ~ "written"
title ~ "20000 files"
press q
exit 0
