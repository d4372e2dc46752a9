#!/bin/sh
# In cron: HOME, LOGNAME, SHELL and a short PATH are all the environment there is.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
. "$CDE_TOP/tests/e2e/use.inc"
use_capture
use_data
cd / || exit
record cron env -i HOME="$HOME" LOGNAME=user SHELL=/bin/sh PATH=/usr/bin:/bin \
	/bin/sh -c "$PACKAGE/python3.cde $REPORT \$HOME/data/x.csv"
out_is cron 'total 42'
[ ! -s "$WORK/cron.err" ] || { show cron; fail "cron would send a mail"; }
record home env -i HOME="$HOME" "$PACKAGE/python3.cde" "$REPORT" "$HOME/data/x.csv"
out_is home 'total 42'
record empty env -i "$PACKAGE/python3.cde" "$REPORT" "$HOME/data/x.csv"
out_is empty 'total 42'
# stdin closed, no terminal, another session
record closed setsid env -i HOME="$HOME" sh -c \
	"exec <&-; exec $PACKAGE/python3.cde $REPORT $HOME/data/x.csv"
out_is closed 'total 42'
