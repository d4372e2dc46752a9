# No package is an error in words, status 1.
sh cde-tui nowhere </dev/null >out 2>&1; test $? = 2
sh script -qec "cde-tui nowhere" /dev/null >out </dev/null; test $? = 1 && grep -q nowhere out
