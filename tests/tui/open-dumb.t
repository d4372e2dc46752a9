# A terminal that cannot move its cursor.
pkg demo
sh TERM=dumb script -qec "cde-tui cde-package" /dev/null >out </dev/null; test $? = 2 && grep -q TERM=dumb out
