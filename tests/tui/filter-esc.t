# Esc brings the old one back.
pkg demo
run cde-tui --filter numpy $PKG
save before
press f C-u
type tokyo
screen ~ "tokyo.dat"
press Esc
screen = @before
press q
exit 0
