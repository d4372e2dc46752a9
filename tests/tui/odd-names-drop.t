# Edits of odd names are written and taken back.
pkg odd
never "esc\033[31"
never "\302\233[31m"
never "tab\011x"
never "new\012line"
run cde-tui $PKG
press t s n g
press A d W y
message ~ "written"
title ~ "0 files"
press u W y
title ~ "13 files"
press q
exit 0
