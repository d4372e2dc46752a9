# A caret, and the old filter stays.
pkg demo
run cde-tui $PKG
press f
type size>
screen ~ "↓"
press Enter
row -1 ~ "filter: size>"
type 1M
press Enter
message ~ "filter size>1M"
press q
exit 0
