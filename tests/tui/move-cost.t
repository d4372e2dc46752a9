# A step of the cursor sends few bytes: it may be a slow line.
pkg demo
run cde-tui $PKG
press j * j j j
cost 400
press j j k
cost 400
press 2 j j
cost 400
press 4 z j j
cost 900
press q
exit 0
# With facets, what is known about the row changes, too.
size 120 35
run cde-tui $PKG
press j * j j j
cost 600
press j j k
cost 600
press q
exit 0
