# SIGCONT brings the screen back, whatever was done to the terminal meanwhile.
pkg demo
run cde-tui $PKG
press j j
save before
signal STOP
signal CONT
screen = @before
press q
exit 0
