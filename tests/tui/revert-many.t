# Thousands of edits taken back with one key: no quadratic time, and nothing is left.
pkg big
run cde-tui $PKG
press 3
press d
title ~ "1 staged"
press r
title ~ "2 staged"
press 1
screen !~ " D "
press Q Q
exit 0
