#!/bin/sh
# cde.options v2: the most specific rule wins, hide_ hides, a prefix ends at a component.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
tool
mkdir -p d/keep dd h && echo 1 >d/f && echo 2 >d/keep/f && echo 3 >dd/f && echo 4 >h/f && echo 5 >h/see
{
	echo '# cde.options v2'
	echo "ignore_prefix=$SRC/d"
	echo "redirect_prefix=$SRC/d/keep"
	echo "hide_prefix=$SRC/h"
	echo "redirect_exact=$SRC/h/see"
	printf 'ignore_prefix=/proc\nignore_prefix=/dev'
} >cde.options
capture ./tool cat d/f cat d/keep/f cat dd/f cat h/f cat h/see
not_in_package "$SRC/d/f"
in_package "$SRC/d/keep/f"
in_package "$SRC/dd/f"
not_in_package "$SRC/h/f"
in_package "$SRC/h/see"
for f in d/f d/keep/f dd/f h/f; do
	echo host >$f
done
replay ./tool cat d/f cat d/keep/f cat dd/f cat h/f cat h/see
out_is replay "cat d/f: ok
host
cat d/keep/f: ok
2
cat dd/f: ok
3
cat h/f: No such file or directory
cat h/see: ok
5"
