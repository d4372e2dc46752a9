#!/bin/sh
# The program's own changes stay here, and the server's arrive here: each name has one
# truth, and a name that was deleted does not come back.
# once: root streams by ptrace, others by notification
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
. "$CDE_TOP/tests/e2e/stream.inc"
need dash
remote_root
cp -a "$REMOTE_ROOT" "$WORK/before"
workspace
max_age 0
stream own sh -c 'echo more >>/data/one; rm /data/many/f1.bin; mv /data/many/f2.bin /data/moved
	ln /data/many/f3.bin /data/linked; echo new >/data/many/new; cp /data/many/f4.bin /data/many/f5.bin
	mv /data/deep /data/shallow && cat /data/shallow/er/still/two; ls /data'
status_is own 0
out_has own two
(cd "$REMOTE_ROOT" && find . -type f -exec sha256sum {} +) | sort >"$WORK/a"
(cd "$WORK/before" && find . -type f -exec sha256sum {} +) | sort >"$WORK/b"
diff "$WORK/a" "$WORK/b" || fail 'the remote was changed'
root=$WS/cde-root/data
cmp "$root/moved" "$REMOTE_ROOT/data/many/f2.bin" || fail 'rename of what was not fetched'
cmp "$root/linked" "$REMOTE_ROOT/data/many/f3.bin" || fail 'link to what was not fetched'
cmp "$root/many/f5.bin" "$REMOTE_ROOT/data/many/f4.bin" || fail 'copy'

# now the server changes: content, a new name, one that goes, a link, a directory
stream before cat /data/many/f10.bin
echo changed >"$REMOTE_ROOT/data/many/f10.bin"  # fetched here
echo changed >"$REMOTE_ROOT/data/many/f11.bin"  # an outline here
echo changed >"$REMOTE_ROOT/data/one"           # changed here, too
echo changed >"$REMOTE_ROOT/data/many/f1.bin"   # deleted here
echo added >"$REMOTE_ROOT/data/many/added"
rm "$REMOTE_ROOT/data/many/f12.bin" "$REMOTE_ROOT/data/absolute"
ln -s /data/many/added "$REMOTE_ROOT/data/absolute"
mkdir "$REMOTE_ROOT/data/newdir" && echo in >"$REMOTE_ROOT/data/newdir/in"
stream after sh -c 'cat /data/many/f10.bin /data/many/f11.bin /data/one /data/many/added /data/absolute /data/newdir/in
	cat /data/many/f1.bin /data/many/f12.bin 2>&1'
out_is after "changed
changed
one
more
added
added
in
cat: /data/many/f1.bin: No such file or directory
cat: /data/many/f12.bin: No such file or directory"
# while a program runs: it sees the change at its next open, at most max_age later
sed -i 's/^max_age=.*/max_age=1/' "$WS/cde.stream"
( wait_for [ -e "$root/begun" ]; echo later >"$REMOTE_ROOT/data/newdir/in" ) &
stream later sh -c 'read x </data/newdir/in; echo "$x" >/data/begun
	while [ "$x" != later ]; do read x </data/newdir/in; done; echo "$x"'
out_is later later
# a directory that goes, with what was fetched of it
rm -r "$REMOTE_ROOT/data/newdir"
max_age 0
stream gone sh -c 'cat /data/newdir/in; ls -d /data/newdir'
[ ! -e "$root/newdir" ] || fail 'a removed directory is still here'
# what the list has, and the remote, was left alone by the program
[ -z "$(ls -A "$WS/.tmp")" ] || fail 'something is left in .tmp'
# a mount that is not mounted is an empty directory: nothing is believed to be gone
for how in empty missing; do
	mv "$REMOTE_ROOT" "$REMOTE_ROOT.away"
	[ $how = missing ] || mkdir "$REMOTE_ROOT"
	max_age 0
	stream unmounted cat /data/one
	out_is unmounted "$(cat "$root/one")"
	[ -e "$root/many/f0.bin" ] || fail "names are lost with the remote $how"
	[ $how = missing ] || rmdir "$REMOTE_ROOT"
	mv "$REMOTE_ROOT.away" "$REMOTE_ROOT"
done
mkdir "$WORK/nothing"
record setup "$CDE_BIN/cde-exec" --stream-setup "$WORK/nothing" "$WORK/ws2"
status_is setup 125
err_has setup 'empty (not mounted?)'
# one that keeps no modes is a workspace whose programs do not start: said at once
mkdir -p "$WORK/nothing/usr/bin" && echo >"$WORK/nothing/usr/bin/sh"
record modes "$CDE_BIN/cde-exec" --stream-setup "$WORK/nothing" "$WORK/ws2"
status_is modes 0
err_has modes 'no file in /usr/bin has an x bit'
# What nobody knows without the server is an error, not this machine's file of that name.
licence=/usr/share/common-licenses/GPL-2
[ -r $licence ] || exit 0
mkdir -p "$REMOTE_ROOT${licence%/*}"
echo "the remote's" >"$REMOTE_ROOT$licence"
workspace
seamless here cat /data/one
mv "$REMOTE_ROOT" "$REMOTE_ROOT.away"
seamless unknown cat $licence
status_is unknown 1
err_has unknown "Input/output error"
err_has unknown "cannot be fetched from $REMOTE_ROOT"
mv "$REMOTE_ROOT.away" "$REMOTE_ROOT"
seamless known cat $licence
out_is known "the remote's"
