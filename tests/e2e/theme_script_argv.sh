#!/bin/sh
# Nine arguments to a script.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
printf '#!/bin/sh\nfor a; do echo "<$a>"; done\n' >s && chmod +x s
trip ./s 1 "2 2" 3 "" 5 "six'" 7 8 "9
nine"
