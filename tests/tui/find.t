# / moves as you type, n and N go on.
pkg demo
run cde-tui $PKG
press /
type libm
cursor-row ~ "libm"
press Enter n
cursor-row ~ "libm"
press N
cursor-row ~ "libm"
press q
exit 0
