#!/bin/sh
# PATH=$PWD/cde-package:$PATH, and PATH=~/.local/bin:$PATH after --install.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
. "$CDE_TOP/tests/e2e/use.inc"
use_capture
use_data
cd "$WORK/moved" || exit
PATH=$PWD/cde-package:$PATH
cd "$HOME/data" || exit
record run python3.cde "$REPORT" x.csv
out_is run 'total 42'
record shell sh -c 'command -v python3.cde && python3.cde '"$REPORT"' <x.csv'
out_is shell "$PACKAGE/python3.cde
total 42"
"$PACKAGE/cde-exec" --install >"$WORK/log" 2>&1 || fail "$(cat "$WORK/log")"
PATH=$HOME/.local/bin:/usr/bin:/bin
# python3 stays this machine's, so the packaged one has another name.
record installed python3.cde "$REPORT" x.csv
out_is installed 'total 42'
[ "$(command -v python3)" != "$HOME/.local/bin/python3" ] || fail "python3 is another one now"
# A file that ends in the middle of our mark is not ours.
printf '#!/bin/sh\n# By cde-exec --install; --uninstall removes it.  00' >"$HOME/.local/bin/cut"
record gone "$PACKAGE/cde-exec" --uninstall
status_is gone 0
[ -e "$HOME/.local/bin/cut" ] || fail "removed what is not ours"
[ ! -e "$HOME/.local/bin/python3.cde" ] || fail "left what is ours"
