# Who asked for a library, and who needs it.
size 80 24
pkg demo
run cde-tui $PKG
press / l i b g f o r t r a n . s o . 5 . Enter w
shot why
press Q
exit 0
