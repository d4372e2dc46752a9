#!/bin/sh
# What comes ahead of being asked for: nothing of it is seen before it is wanted, what the
# program does meanwhile stays, not too much comes in vain, and a directory whose names are
# still being made has them all for who lists it.
# once: root streams by ptrace, others by notification
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
. "$CDE_TOP/tests/e2e/stream.inc"
need dash timeout
remote_root
sftp_server
mkdir "$REMOTE_ROOT/data/names" "$REMOTE_ROOT/data/large" "$REMOTE_ROOT/data/needs"
i=0
while [ $i -lt 3000 ]; do
	: >"$REMOTE_ROOT/data/names/n$i"
	i=$((i + 1))
done
i=0
while [ $i -lt 80 ]; do
	head -c 1000000 /dev/urandom >"$REMOTE_ROOT/data/large/l$i.bin"
	i=$((i + 1))
done
# first.txt names two others, and one of those a third
printf 'see "second.txt"\n' >"$REMOTE_ROOT/data/needs/first.txt"
printf 'and third.txt, too\n' >"$REMOTE_ROOT/data/needs/second.txt"
echo end >"$REMOTE_ROOT/data/needs/third.txt"
find "$REMOTE_ROOT/data" -exec touch -h -d '2026-01-02 03:04:05' {} +
cat >"$WORK/line" <<E2
#!/bin/sh
exec "$SERVER" -R
E2
chmod +x "$WORK/line"
CDE_SSH=$WORK/line
export CDE_SSH
workspace "sftp://nowhere$REMOTE_ROOT"
root=$WS/cde-root
cp -a "$WS" "$WORK/empty"

# removed, replaced and written to while they are on their way, or have come
stream act sh -c 'cd /data/many && cat f1.bin >/dev/null && rm f2.bin && echo mine >f3.bin &&
	echo new >/data/new && mv /data/new f4.bin && cat f5.bin >>f6.bin && cat f7.bin >/dev/null
	ls f2.bin; cat f3.bin f4.bin'
[ "$(cat "$WORK/act.out")" = 'mine
new' ] || { show act; fail 'what the program has done is not there'; }
[ ! -e "$root/data/many/f2.bin" ] || fail 'a file that was removed is back'
[ "$(cat "$root/data/many/f3.bin")" = mine ] || fail 'f3.bin is not what was written'
[ "$(cat "$root/data/many/f4.bin")" = new ] || fail 'f4.bin is not what was put there'
cat "$REMOTE_ROOT/data/many/f6.bin" "$REMOTE_ROOT/data/many/f5.bin" | cmp - "$root/data/many/f6.bin" ||
	fail 'f6.bin is not what was added to'
rm "$REMOTE_ROOT/data/many/f2.bin" # not to be compared
for f in f3 f4 f6; do
	cp "$root/data/many/$f.bin" "$REMOTE_ROOT/data/many/"
done
same_as_remote
[ -z "$(ls -A "$WS/.tmp")" ] || { ls -A "$WS/.tmp"; fail 'temporary files are left'; }
[ "$(sort "$LISTED" | uniq -d)" = '' ] || fail 'a name is listed twice'

# what is named in a file that was used has come along, and works without the server
rm -rf "$WS"
cp -a "$WORK/empty" "$WS"
stream named sh -c 'read x </data/needs/first.txt; read x </data/needs/second.txt; cat /data/needs/first.txt'
out_is named 'see "second.txt"'
grep -qx /data/needs/third.txt "$LISTED" || fail 'what second.txt names has not come along'
EXEC_FLAGS=--offline
stream off cat /data/needs/third.txt
EXEC_FLAGS=
out_is off end
same_as_remote

# 80 MB stand beside the file that is read
stream vain cat /data/large/l7.bin
cmp "$WORK/vain.out" "$REMOTE_ROOT/data/large/l7.bin" || fail 'l7.bin'
[ "$(grep -c /data/large/ "$LISTED")" -le 20 ] || fail 'more than 20 MB have come in vain'

# a name of a directory whose names are being made; then all of them
listed()
{
	[ "$(grep -c '^n[0-9]*$' "$WORK/$1.out")" = "$2" ] ||
		{ show "$1" | tail -n 5; fail "$1: not $2 names"; }
}

rm -rf "$WS"
cp -a "$WORK/empty" "$WS"
stream names sh -c 'cat </data/names/n2999 && rm /data/names/n2998 && ls /data/names && stat -c %Y /data/names/n17'
status_is names 0
listed names 2999
[ "$(tail -n 1 "$WORK/names.out")" = "$(stat -c %Y "$REMOTE_ROOT/data/names/n17")" ] || fail 'n17 is new'
[ ! -e "$root/data/names/n2998" ] || fail 'a name that was removed is back'
stream again ls /data/names
listed again 2999

# killed while names are made: the next start makes the rest
rm -rf "$WS"
cp -a "$WORK/empty" "$WS"
for t in 02 03 05 08 13; do
	run_in "$root" cut timeout -s KILL .$t "$WS/cde-exec" --engine "$EXEC_ENGINE" \
		sh -c 'cat </data/names/n2; ls /data/names'
done
wait_for killed_are_gone
stream rest ls /data/names
listed rest 3000
same_as_remote
