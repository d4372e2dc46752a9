# Usage is status 2.
sh cde-tui --nonsense 2>out; test $? = 2 && grep -q nonsense out
sh cde-tui --screen nine 2>out; test $? = 2
sh cde-tui a b 2>out; test $? = 2 && grep -q usage out
