# Every screen, an edit and its undo, in every terminal, locale and size.
size 80 24
pkg demo
run cde-tui $PKG
save start
press Down Down Up Up PgDn PgUp End Home
screen = @start
press j d
title ~ "1"
press u
press 2 3 4 5 6 ? q 1
press f
type tokyo
press Enter Esc
press s n s s
press t t
press q
exit 0
