# L opens, h closes, h again goes to the parent.
pkg demo
run cde-tui $PKG
press j j
save closed
press l
screen ~ "x86_64"
press j h
cursor-row ~ "lib/"
press h
screen = @closed
press Enter
screen ~ "x86_64"
press BS
screen = @closed
press q
exit 0
