# Y shows the whole path.
pkg demo
run cde-tui $PKG
press / l i b c . s o Enter y
screen ~ "/usr/lib/x86_64-linux-gnu/libc.so.6"
press Esc q
exit 0
