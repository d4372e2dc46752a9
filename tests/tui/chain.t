# Directories with one child are one row.
pkg demo
run cde-tui $PKG
screen ~ "home/alice/study/"
press / s t u d y Enter
cursor-row ~ "home/alice/study/"
press l
screen ~ "stats.py"
press q
exit 0
