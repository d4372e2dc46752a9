# What was used last comes first.
sh echo 1 >a.first; echo 2 >b.last; cde -q -o cde-package sh -c "cat a.first; cat b.last"
run cde-tui $PKG
press t s r
row 3 ~ "recent"
press / b . l a s t Enter
save last
press / a . f i r s t Enter
screen ~ "a.first"
press g
cursor-row ~ "b.last"
press Q
exit 0
