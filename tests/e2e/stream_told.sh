#!/bin/sh
# What a profile names is on its way before it is known what it is: sizes around those of a
# READ, names that are no files or not there, a line that is cut, two starts at once.
# once: root streams by ptrace, others by notification
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
. "$CDE_TOP/tests/e2e/stream.inc"
need dash
remote_root
sftp_server
mkdir "$REMOTE_ROOT/data/sizes" "$REMOTE_ROOT/.cde-profiles"
for n in 0 1 32767 32768 32769 65536 3000000; do
	head -c $n /dev/urandom >"$REMOTE_ROOT/data/sizes/s$n"
done
mkfifo "$REMOTE_ROOT/data/fifo"
find "$REMOTE_ROOT/data" -exec touch -h -d '2026-01-02 03:04:05' {} +
mkfifo "$WORK/pipe"
cat >"$WORK/line" <<E2
#!/bin/sh
[ -e "$WORK/cut" ] || exec "$SERVER" -R
rm "$WORK/cut"
exec 3<&0
"$SERVER" -R <&3 >"$WORK/pipe" &
dd bs=64k count=60 <"$WORK/pipe" 2>/dev/null
kill \$! 2>/dev/null
E2
chmod +x "$WORK/line"
CDE_SSH=$WORK/line
export CDE_SSH
profile=$REMOTE_ROOT/.cde-profiles/sh
{
	echo '# cde profile 1'
	find "$REMOTE_ROOT"/data/sizes "$REMOTE_ROOT"/usr -type f -printf '/%P\n' |
		sed "s|^/s[0-9]*\$|/data/sizes&|; t; s|^|/usr|"
	# no files: a pipe, a link, a directory without its slash, nothing; a file twice; a name
	# of any byte
	printf '%s\n' /data/fifo /data/absolute /data/many /data/nothing /data/nowhere/at/all \
		/data/sizes/s1 /data/sizes/../sizes/s1
	printf '/data/b\377yte\\nline\n'
} >"$profile"
workspace "sftp://nowhere$REMOTE_ROOT"
cp -a "$WS" "$WORK/empty"
again()
{
	rm -rf "$WS"
	cp -a "$WORK/empty" "$WS"
}
# shellcheck disable=SC2016 # for the program
ask='cd /data && cat sizes/s1 sizes/s32767 sizes/s32768 sizes/s32769 | sha256sum && ls -l sizes &&
	[ -p fifo ] && cat absolute && ls many | sha256sum'
EXEC_FLAGS=-v
stream cold sh -c "$ask"
EXEC_FLAGS=
status_is cold 0
[ "$(grep -c 'fetched' "$WORK/cold.err")" -le 2 ] || { show cold; fail 'not all in one go'; }
[ "$(head -n 1 "$WORK/cold.out")" = "$(cd "$REMOTE_ROOT/data/sizes" &&
	cat s1 s32767 s32768 s32769 | sha256sum)" ] || { show cold; fail 'other bytes'; }
[ -L "$WS/cde-root/data/absolute" ] && [ -d "$WS/cde-root/data/many" ] || fail 'kinds are not kept'
same_as_remote
# also what this run did not need
EXEC_FLAGS=--offline
stream rest sh -c 'cat /data/sizes/s3000000 /data/sizes/s0 /data/b*line | sha256sum'
EXEC_FLAGS=
[ "$(cat "$WORK/rest.out")" = "$(cd "$REMOTE_ROOT/data" &&
	cat sizes/s3000000 sizes/s0 b*line | sha256sum)" ] || { show rest; fail 'not all that was named is here'; }

# the line is cut in the midst of it: the rest comes when it is wanted
again
: >"$WORK/cut"
stream after sh -c "$ask; sha256sum </data/sizes/s3000000"
status_is after 0
[ ! -e "$WORK/cut" ] || fail 'the line was not cut'
same_as_remote
grep -qF "$(sha256sum <"$REMOTE_ROOT/data/sizes/s3000000")" "$WORK/after.out" ||
	{ show after; fail 'the large file has other bytes'; }

# two at once: each has all, and nothing is there twice
again
stream one sh -c "$ask" &
stream two sh -c "$ask"
wait
status_is two 0
same_output one two
cmp -s "$WORK/cold.out" "$WORK/one.out" || { show one; fail "two at once say something else"; }
same_as_remote
[ -z "$(sort "$LISTED" | uniq -d)" ] || fail 'a name is listed twice'

# something else than was named when it comes: what the directory says is right
again
find "$REMOTE_ROOT/data/sizes" -type f -exec sh -c 'echo changed >"$1"' - {} \;
rm "$REMOTE_ROOT/data/sizes/s65536"
mkdir "$REMOTE_ROOT/data/sizes/s65536"
stream changed sh -c 'cat /data/sizes/s1 /data/sizes/s3000000; [ -d /data/sizes/s65536 ]'
status_is changed 0
out_is changed 'changed
changed'
same_as_remote
