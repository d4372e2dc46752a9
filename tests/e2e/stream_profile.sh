#!/bin/sh
# A profile: what a start touched is fetched together at the next cold start, whether it
# was made here or published beside the remote's files; one that lies does no harm.
# once: root streams by ptrace, others by notification
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
. "$CDE_TOP/tests/e2e/stream.inc"
need dash
remote_root
workspace
stream first sh -c 'cat /data/one /data/many/f7.bin /data/deep/er/still/two; ls /data/deep >/dev/null'
status_is first 0
profile=$WS/cde-profiles/sh
for f in /data/one /data/many/f7.bin /data/deep/ /usr/bin/cat; do
	grep -qx "$f" "$profile" || { cat "$profile"; fail "$f is not in the profile"; }
done
grep -q f8.bin "$profile" && fail 'the profile has a file that nobody opened'
mkdir "$REMOTE_ROOT/.cde-profiles"
{
	cat "$profile"
	echo /data/no/such/file
	echo /../../../../etc/passwd
	echo /data/many/
	echo relative
} >"$REMOTE_ROOT/.cde-profiles/sh"
printf 'PATH=/usr/bin:/bin\0FROM=there\0' >"$REMOTE_ROOT/.cde-profiles/environment"
workspace
EXEC_FLAGS=-v
stream cold sh -c 'echo $FROM; cat /data/one'
EXEC_FLAGS=
out_is cold "there
one"
[ "$(grep -c 'fetched' "$WORK/cold.err")" = 1 ] || { show cold; fail 'not all in one go'; }
EXEC_FLAGS=--offline
stream second sh -c 'cat /data/one /data/many/f7.bin /data/deep/er/still/two; ls /data/deep >/dev/null'
same_output first second
same_as_remote
