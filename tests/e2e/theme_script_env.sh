#!/bin/sh
# A script through env, which a relative link leads to.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need python3
ln -s ../../../../../../../../usr/bin/env env
printf '#!%s\nimport sys\nprint(sys.argv)\n' "$SRC/env python3" >s && chmod +x s
trip ./s "a b" c
