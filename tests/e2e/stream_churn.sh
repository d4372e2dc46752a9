#!/bin/sh
# The server replaces files all the time, while several programs stream them: each file
# that is read is one version of it, whole; when it is quiet the cache has the last one.
# once: root streams by ptrace, others by notification
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
. "$CDE_TOP/tests/e2e/stream.inc"
need dash
remote_root
sftp_server
printf '#!/bin/sh\nexec "%s" -R\n' "$SERVER" >"$WORK/line"
chmod +x "$WORK/line"
CDE_SSH=$WORK/line
export CDE_SSH
dir=$REMOTE_ROOT/data/churn
mkdir "$dir"

# version FILE N: N times its own line
version()
{
	i=0
	while [ $i -lt $((200 + $2)) ]; do
		printf 'version %3d of %s, and some more to make it long\n' "$2" "$1"
		i=$((i + 1))
	done >"$dir/.$1"
	sha256sum <"$dir/.$1" >>"$WORK/good"
	mv "$dir/.$1" "$dir/$1"
}

: >"$WORK/good"
for f in a b c d e f; do version $f 0; done
workspace "sftp://nowhere$REMOTE_ROOT"
max_age 0
(
	v=1
	while [ ! -e "$WORK/enough" ] && [ $v -lt 999 ]; do
		for f in a b c d e f; do version $f $v; done
		v=$((v + 1))
	done
) &
churn=$!
trap 'touch "$WORK/enough"; wait $churn' EXIT
readers=
for n in 1 2 3; do
	# shellcheck disable=SC2016 # for the sh over there
	(cd "$WS/cde-root" && exec "$WS/cde-exec" --engine "$EXEC_ENGINE" sh -c \
		'i=0; while [ $i -lt 15 ]; do for f in /data/churn/[a-f]; do sha256sum <$f; done; i=$((i + 1)); done') \
		>"$WORK/$n.out" 2>"$WORK/$n.err" &
	readers="$readers $!"
done
for r in $readers; do wait "$r" || { cat "$WORK"/?.err; fail "a reader ended with $?"; }; done
touch "$WORK/enough"
wait $churn
trap - EXIT
for n in 1 2 3; do
	[ -s "$WORK/$n.out" ] || fail "reader $n printed nothing"
	! grep -vxFf "$WORK/good" "$WORK/$n.out" >"$WORK/bad" ||
		{ head -n 5 "$WORK/bad"; cat "$WORK/$n.err"; fail "reader $n saw what never was"; }
done
echo "$(sort -u "$WORK"/?.out | wc -l) versions were seen of $(wc -l <"$WORK/good")"
stream end sh -c 'cat /data/churn/[a-f]'
cat "$dir"/[a-f] >"$WORK/want"
cmp "$WORK/end.out" "$WORK/want" || fail 'not the last version'
same_as_remote
