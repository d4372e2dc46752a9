#!/bin/sh
# The package behind a link, in a directory with odd names, read-only, from cwd /.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
tool
echo x >f && mkdir d && echo y >d/g
native ./tool cat f cat d/g ls d cwd rl /proc/self/exe st none
capture ./tool cat f cat d/g ls d cwd rl /proc/self/exe st none
move_away
odd="$WORK/odd 'dir' \$x
y"
mkdir "$odd" && mv "$PACKAGE" "$odd/p q" && ln -s "$odd/p q" "$WORK/link"
PACKAGE=$WORK/link
replay ./tool cat f cat d/g ls d cwd rl /proc/self/exe st none
same_output native replay
PACKAGE=$odd/p\ q
replay ./tool cat f cat d/g ls d cwd rl /proc/self/exe st none
same_output native replay
cd / || exit
record slash "$PACKAGE/cde-exec" --rerun
same_output native slash
record root "$PACKAGE/tool.cde" cat "$SRC/f" 2>/dev/null
chmod -R a-w "$PACKAGE"
replay ./tool cat f cat d/g ls d cwd rl /proc/self/exe st none
chmod -R u+w "$PACKAGE"
same_output native replay
[ -n "$CDE_ROOTLY" ] || exit 0
mkdir "$WORK/ro" && mount --bind "$PACKAGE" "$WORK/ro" 2>/dev/null || exit 0
trap 'umount -l "$WORK/ro"' EXIT
mount -o remount,bind,ro "$WORK/ro" || exit 0
PACKAGE=$WORK/ro
replay ./tool cat f cat d/g ls d cwd rl /proc/self/exe st none
same_output native replay
