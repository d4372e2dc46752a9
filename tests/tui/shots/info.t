# The full record of a file.
size 80 24
pkg demo
run cde-tui $PKG
press / l i b g f o r t r a n . s o . 5 . Enter i
shot info
press Q
exit 0
