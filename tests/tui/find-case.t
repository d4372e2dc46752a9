# Small letters find both, capital ones only those.
pkg demo
run cde-tui $PKG
press /
type Libc
screen ~ "not found"
press C-u
type libc
cursor-row ~ "libc"
press Enter q
exit 0
