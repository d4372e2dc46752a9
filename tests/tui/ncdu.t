# The totals of the title are those that ncdu sees, also of odd names and with lost files.
# need: ncdu
# each: demo/40.9 odd/1.3 missing/40.9
pkg @1
run cde-tui $PKG
title ~ " files  @2 "
press q
exit 0
sh cde-pkg ls -p cde-package --format ncdu >dump && test -s dump
spawn ncdu -e --apparent-size -f dump
wait "Apparent size:"
row -1 ~ " @2 "
killed
