# Bindings and settings; a wrong line is named.
pkg demo
sh mkdir -p .config/cde && printf "set color never\nbind Z drop\nbind d none\nnonsense\n" >.config/cde/tui.conf
run cde-tui $PKG
message ~ "tui.conf:4"
attr "usr/" plain
press j d
message ~ "unbound key: d"
press Z
title ~ "1 staged"
press u q
exit 0
