#!/bin/sh
# Several programs stream into one workspace at the same time: all get the right bytes,
# and each file was fetched once.
# once: root streams by ptrace, others by notification
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
. "$CDE_TOP/tests/e2e/stream.inc"
need dash
remote_root
workspace
(cd "$REMOTE_ROOT/data/many" && sha256sum ./* | sed 's|\./||') >"$WORK/want.out"
for i in 1 2 3 4; do
	(cd "$WS/cde-root" && exec "$WS/cde-exec" --engine "$EXEC_ENGINE" sh -c \
		'cd /data/many && sha256sum *') >"$WORK/$i.out" 2>"$WORK/$i.err" &
	eval "p$i=$!"
done
for i in 1 2 3 4; do
	eval "wait \$p$i" || { cat "$WORK/$i.err"; fail "stream $i: status $?"; }
	cmp "$WORK/$i.out" "$WORK/want.out" || fail "stream $i got something else"
done
same_as_remote
[ -z "$(sort "$LISTED" | uniq -d)" ] || fail 'files were fetched twice'
