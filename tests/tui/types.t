# By what they are.
pkg demo
run cde-tui $PKG
press 3
cursor-row ~ "elf-so"
screen ~ "python"
press l
screen ~ "liblapack"
press h h
cursor-row ~ "elf-so"
press q
exit 0
