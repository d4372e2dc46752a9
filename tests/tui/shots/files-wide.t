# Files beside facets and what is known about one.
size 120 35
pkg demo
run cde-tui $PKG
press Tab l Tab j j l j l / l i b c . s o Enter Space j d
press / l i b g f o r t r a n . s o . 5 . Enter
shot files-wide
press Q Q
exit 0
