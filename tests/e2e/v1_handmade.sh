#!/bin/sh
# A package with options v1 and no manifest: its rules, its order.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
tool -static 2>/dev/null || skip 'no static C library'
p=$WORK/old/cde-package
mkdir -p "$p/cde-root$SRC/w/sub" "$p/cde-root$SRC/work"
echo package >"$p/cde-root$SRC/w/f" && echo package >"$p/cde-root$SRC/w/sub/f"
echo package >"$p/cde-root$SRC/work/f"
mkdir -p w/sub work && echo host >w/f && echo host >w/sub/f && echo host >work/f
cp tool "$p/cde-root$SRC/" && cp "$CDE_BIN/cde-exec" "$p/"
printf 'PATH=/bin:/usr/bin\0OLD=1\0LANG=C\0' >"$p/cde.full-environment"
{
	echo '# cde.options v1 (do not alter this first line!)'
	echo "ignore_prefix=$SRC/w"
	echo "redirect_prefix=$SRC/w/sub"
	printf 'ignore_environment_var=OLD'
} >"$p/cde.options"
PACKAGE=$p
replay ./tool cat w/f cat w/sub/f cat work/f sh 'exit 1'
# a v1 prefix is a plain string: work is "under" w
out_is replay "cat w/f: ok
host
cat w/sub/f: ok
package
cat work/f: ok
host
sh: 127"
