# What is taken back after a write counts as it did before it, names without a file not.
pkg demo
run cde-tui $PKG
press f
type study
press Enter A d F W y
title ~ "320 files"
press u
title ~ "322 files  40.9 MiB"
title ~ "1 staged"
press C-r
title ~ "320 files"
title !~ "staged"
press u W y
title ~ "322 files  40.9 MiB"
title !~ "staged"
press q
exit 0
