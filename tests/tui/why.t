# Who asked for it, who needs it.
pkg demo
run cde-tui $PKG
press / l i b g f o r t r a n . s o . 5 . Enter w
screen ~ "Why is this here?"
screen ~ "asked for"
screen ~ "2363"
screen ~ "needed by"
press q q
exit 0
