# A filter that asks for what is staged follows it.
pkg demo
run cde-tui $PKG
press / t o k y o . d a t Enter d
press f
type staged
press Enter
screen ~ "   tokyo.dat"
press u
screen !~ "   tokyo.dat"
press C-r
screen ~ "   tokyo.dat"
press q q
exit 0
