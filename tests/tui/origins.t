# Classes, packages, files; Enter on a file goes to it.
pkg demo
run cde-tui $PKG
press 2
screen ~ "distro packages"
cursor-row ~ "194"
press l j
cursor-row ~ "python3-numpy"
press l j
screen ~ "_multiarray"
press Enter
attr "1 Files" underline
press q
exit 0
