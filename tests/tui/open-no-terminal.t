# The message names the twin.
pkg demo
sh cde-tui cde-package </dev/null >out 2>&1; test $? = 2 && grep -q cde-pkg out
sh cde-tui cde-package >out 2>&1; test $? = 2 && grep -q "no terminal" out
