# --ascii has no other character.
pkg odd
run cde-tui --ascii $PKG
screen !~ "│"
screen !~ "▾"
screen ~ "v"
press t
screen ~ "\u6f22"
press q
exit 0
