# Without an argument it is ./cde-package.
pkg demo
run cde-tui
title ~ "322 files"
press q
exit 0
