# A directory of both sides says so by its letter.
pkg demo
run cde-tui $PKG
press / a l i c e Enter
press p b
row-state "home/alice/study" = "B"
press u
row-state "home/alice/study" = " "
press Q
exit 0
