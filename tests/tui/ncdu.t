# The totals are those that ncdu sees.
# need: ncdu
pkg demo
run cde-tui $PKG
title ~ "322 files  40.9 MiB"
press q
exit 0
sh cde-pkg ls -p cde-package --format ncdu >dump && test -s dump
spawn ncdu -e --apparent-size -f dump
wait "40.9 MiB"
killed
