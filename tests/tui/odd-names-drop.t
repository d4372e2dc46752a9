# Edits of odd names are written and taken back.
pkg odd
run cde-tui $PKG
press t s n g
press A d W y
message ~ "written"
title ~ "0 files"
press u W y
title ~ "13 files"
press q
exit 0
