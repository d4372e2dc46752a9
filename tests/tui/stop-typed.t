# What is typed with a Ctrl-Z, before and behind it, in one go, is not lost.
pkg demo
run cde-tui $PKG
feed "jj\032jj"
wait "/usr/local/lib/python3.11/dist-packages"
feed "k\032\032\032k"
wait "/usr/lib  "
feed "j\003\033j"
wait "/usr/local/lib/python3.11/dist-packages"
killed
