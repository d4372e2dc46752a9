#!/bin/sh
# A program of the package starts one of this machine: that one sees this machine's files
# and variables, and keeps what the packaged program gave it.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"

any_engine # seamless mode
[ "$(stat -c %u /usr/bin/head)" = 0 ] || skip "/usr/bin/head is not root's here"

echo packaged >both
cat >run.sh <<'S'
exec <both
read -r line
echo "package: $line"
[ "$1" = capture ] && exit
MARK='set by the script' LANGUAGE=xx /usr/bin/env | grep -E '^(MARK|FROM|LANGUAGE)=' | sort
/usr/bin/head -n 1 both
/usr/bin/env /usr/bin/readlink /proc/self/exe
/usr/bin/tail -n 1 /proc/self/maps >/dev/null && echo maps
S
FROM='the capture' LANGUAGE=en
export FROM LANGUAGE
capture sh run.sh capture
out_is capture 'package: packaged'
move_package

# Where the user is: `both` exists here too, and differs.
echo "this machine's" >"$SRC/both"
cd "$SRC" || broken "cd $SRC"
FROM='this machine'
record run "$PACKAGE/cde-exec" --engine "$EXEC_ENGINE" sh run.sh
out_is run "package: packaged
FROM=this machine
LANGUAGE=xx
MARK=set by the script
this machine's
$(readlink -f /usr/bin/readlink)
maps"
