# A with a path of this machine.
pkg demo
sh mkdir host && echo data >host/new.txt
run cde-tui $PKG
press a C-u
type $WORK/host/new.txt
press Enter
title ~ "1 staged"
title ~ "323 files"
press / n e w . t x t Enter
row-state "new.txt" = "A"
press u
title ~ "322 files"
press q
exit 0
