# Drops only what is shown.
pkg demo
run cde-tui --filter name:libc.so.6 $PKG
press g d
message ~ "drop /usr/lib/x86_64-linux-gnu/libc.so.6"
press F
title ~ "321 files"
press u
title ~ "322 files"
press q
exit 0
