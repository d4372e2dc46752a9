#!/bin/sh
# verify finds each change of a file; scan brings the manifest up to date, or makes one.
# once: cde-pkg looks at packages
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/pkg.inc"
tool
for f in kept size content mode gone kind; do echo 1234 >$f; done
ln -s kept link
capture ./tool cat kept cat size cat content cat mode cat gone cat kind cat link
pkg verify
status_is pkg 0
pkg scan
status_is pkg 0
pkg verify
status_is pkg 0
lines_are "problem    path                                                detail"
r=$PACKAGE/cde-root$SRC
echo 12345 >"$r/size"
echo 5678 >"$r/content"
chmod 600 "$r/mode"
rm "$r/gone" "$r/kind"
mkdir "$r/kind"
ln -sfn other "$r/link"
echo more >"$r/more"
pkg verify --format tsv
status_is pkg 3
cut -f 1,2 "$WORK/pkg.out" | sed 1d | sort >"$WORK/got"
printf '%s\n' "content	$SRC/content" "extra	$SRC/more" "kind	$SRC/kind" "link	$SRC/link" \
	"missing	$SRC/gone" "mode	$SRC/mode" "size	$SRC/size" | sort >"$WORK/want"
diff "$WORK/want" "$WORK/got" || fail "not these problems"
pkg scan
status_is pkg 0
grep -q '^added  *1$' "$WORK/pkg.out" || { show pkg; fail "the new file was not added"; }
[ "$(file_state "$SRC/gone")" = lost ] || fail "the missing one is not marked"

# Without a manifest: it runs, it is shown, and scan makes one.
rm "$PACKAGE/manifest.db"
pkg status
grep -q '^format  *0$' "$WORK/pkg.out" || { show pkg; fail "status without manifest"; }
pkg scan
status_is pkg 0
[ "$(file_state "$SRC/more")" = captured ] || fail "scan made no row"
pkg ls --format 0 "$SRC/kept"
[ -s "$WORK/pkg.out" ] || fail "not listed after scan"

# A ruined one is named, and set aside on request.
head -c 3000 /dev/urandom >"$PACKAGE/manifest.db"
pkg ls
status_is pkg 1
err_has pkg manifest.db
pkg ls --no-manifest --format 0 "$SRC/kept"
[ -s "$WORK/pkg.out" ] || fail "--no-manifest"
pkg scan --new
status_is pkg 0
[ -s "$PACKAGE/manifest.db.old" ] || fail "the old one was not kept"
pkg verify
status_is pkg 0
