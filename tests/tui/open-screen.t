# --screen begins there.
pkg demo
run cde-tui --screen processes $PKG
screen ~ "python3 stats.py tokyo.dat"
attr "5 Processes" underline
press q
exit 0
