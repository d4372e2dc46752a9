# Y shows the whole path.
pkg demo
run cde-tui $PKG
press / l i b c . s o Enter y
screen ~ "/usr/lib/x86_64-linux-gnu/libc.so.6"
press Esc q
exit 0
# As it is, where that can be shown; else as cde-pkg takes it; cut where the line is full.
sh rm -r cde-package
pkg odd
size 24 10
run cde-tui $PKG
press s n g j
press-until "back" j
press y
screen ~ "/home/odd/back\slash"
press q G
press-until "new" k
press y
screen ~ "/home/odd/new\nline"
press q
resize 80 24
press q
exit 0
