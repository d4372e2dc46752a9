# NO_COLOR has letters and bold only.
pkg demo
env NO_COLOR=1
run cde-tui $PKG
attr "usr/" plain
attr "usr/" bold
press d
press Q Q
exit 0
