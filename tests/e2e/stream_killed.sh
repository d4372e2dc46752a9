#!/bin/sh
# timeout: 300
# The server dies at random moments, and so does cde-exec: the program gets the right
# bytes or an error, and the cache never holds a wrong byte.  At the end, all is fetched.
# once: root streams by ptrace, others by notification
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
. "$CDE_TOP/tests/e2e/stream.inc"
need dash timeout
: "${SEEDS:=100}" # random moments
remote_root
sftp_server
i=0
while [ $i -lt 6 ]; do
	head -c $((i * 300000 + 70000)) /dev/urandom >"$REMOTE_ROOT/data/many/big$i"
	i=$((i + 1))
done
(cd "$REMOTE_ROOT/data/many" && sha256sum ./* | sed 's|\./||') >"$WORK/want.out"
# instead of ssh: a server that is killed after $CUT seconds
cat >"$WORK/line" <<E2
#!/bin/sh
[ -z "\${CUT-}" ] || { sleep "\$CUT" && kill -KILL \$\$; } &
exec "$SERVER" -R
E2
chmod +x "$WORK/line"
CDE_SSH=$WORK/line
export CDE_SSH
URL=sftp://nowhere$REMOTE_ROOT
workspace "$URL"
cp -a "$WS" "$WORK/empty"
seed=1 wrong=0 whole=0
while [ $seed -le "$SEEDS" ]; do
	[ $((seed % 10)) -ne 1 ] || { rm -rf "$WS"; cp -a "$WORK/empty" "$WS"; }
	CUT=$(printf 0.%03d $(((seed * 7919) % 211)))
	export CUT
	if [ $((seed % 3)) -eq 0 ]; then # and now and then cde-exec itself
		unset CUT
		run_in "$WS/cde-root" cut timeout -s KILL ".0$((seed % 9 + 1))" \
			"$WS/cde-exec" --engine "$EXEC_ENGINE" sh -c 'cd /data/many && sha256sum *'
	else
		stream cut sh -c 'cd /data/many && sha256sum *'
	fi
	unset CUT
	[ "$(cat "$WORK/cut.status")" = 0 ] && whole=$((whole + 1))
	grep -vxFf "$WORK/want.out" "$WORK/cut.out" >"$WORK/cut.wrong" && wrong=$((wrong + 1)) &&
		{ show cut; fail "seed $seed: wrong bytes"; }
	seed=$((seed + 1))
done
echo "$whole of $SEEDS runs were whole"
wait_for killed_are_gone
stream end sh -c 'cd /data/many && sha256sum *'
cmp "$WORK/end.out" "$WORK/want.out" || fail 'not whole in the end'
same_as_remote
