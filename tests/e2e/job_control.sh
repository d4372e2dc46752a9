#!/bin/sh
# On a terminal: Ctrl-Z stops, fg continues, Ctrl-C ends; the same with and without cde.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need bash cc
cc -O1 -w -D_GNU_SOURCE -o pty "$TOOLS/pty.c" -lutil || broken 'cc pty.c'
echo text >f
cat >s.sh <<'END'
trap 'echo INTR; exit 9' INT
echo READY$((1 + 1))
read x
echo "GOT$x"
read y
END
talk()
{
	./pty "?p0> =$1 ?READY2 ^Z ?topped ?p148> =jobs ?topped ?p0> =fg =one ?GOTone ^C ?INTR ?p9> =exit" \
		env PS1='p$?> ' bash --norc --noprofile -i
}
mkdir -p "$WORK/bin"
printf '#!/bin/sh\nexec sh %s/s.sh\n' "$SRC" >"$WORK/bin/plain"
printf '#!/bin/sh\nexec %s/cde --engine %s -q -o %s/p sh %s/s.sh\n' "$CDE_BIN" "$CAPTURE_ENGINE" "$WORK" "$SRC" >"$WORK/bin/traced"
# The namespace engine has no seamless mode.
inside=$SRC
[ "$EXEC_ENGINE" != namespace ] || inside=$WORK/p/cde-root$SRC
printf '#!/bin/sh\ncd %s && exec %s/p/cde-exec --engine %s sh %s/s.sh\n' "$inside" "$WORK" "$EXEC_ENGINE" "$SRC" >"$WORK/bin/replayed"
chmod +x "$WORK"/bin/*
PATH=$WORK/bin:$PATH
for how in plain traced replayed; do
	record $how talk $how
	[ "$(cat "$WORK/$how.status")" = 9 ] || { show $how; fail "$how: the dialogue broke off"; }
done
