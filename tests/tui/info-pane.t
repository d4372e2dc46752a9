# What is under the cursor, at once.
size 120 35
pkg demo
run cde-tui $PKG
press / l i b c . s o Enter
screen ~ "1926232 bytes"
screen ~ "read by 2363 python3.11"
press q
exit 0
