# Many edits, as many undos: the start again; and once more across a write.
pkg demo
run cde-tui $PKG
save start
press t g d j d j p h j p x j d j j d
press 2 j d 3 j d 1
title ~ "8 staged"
press u u u u u u u u t g
screen !~ "staged"
title = @start
press t g d j j d W y
title ~ "320 files"
press u u W y
title = @start
press t g
press q
exit 0
sh cde-pkg verify -p cde-package >out 2>&1; ! grep -q "lost\|gone\|missing" out
