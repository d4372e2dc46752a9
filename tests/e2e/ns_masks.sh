#!/bin/sh
# Placeholders under the namespace engine: a few are mounted over, so that no open is watched; they
# look as they are, can be opened by nobody, and changed as in the other engines.  Many are watched.
# once: about the namespace engine
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
. "$CDE_TOP/tests/e2e/ns.inc"
mkdir d many
for n in a b c d e; do echo "$n" >d/$n; done
chmod 640 d/a && chmod 755 d/b && touch -d '2001-02-03 04:05:06.789' d/a
ln -s a d/link
cat >all.sh <<'S'
ls d many >/dev/null
for p in cat stat chmod mv ln rm touch sleep; do $p --version >/dev/null; done
S
capture sh all.sh
move_away
P=$PACKAGE/cde-root$SRC

# go NAME SCRIPT
go()
{
	run_in "$P" "$1" "$PACKAGE/cde-exec" --why --engine namespace sh -c "$2"
}

# They are what they were, and nobody opens them.
go look 'stat -c "%n %a %s %y %u" d/a d/b; ls d; cat d/a; cat d/link; d/b; . d/c' # . ends sh
grep -q 'watched' "$WORK/look.err" && skip "no Landlock or overlay here: $(grep note: "$WORK/look.err")"
err_has look "cover the placeholder $SRC/d/a"
(cd "$P" && stat -c '%n %a %s %y %u' d/a d/b && ls d) >"$WORK/want"
cmp "$WORK/want" "$WORK/look.out" || { show look; fail "they do not look as they are"; }
for n in 'cat: d/a' 'cat: d/link' 'd/b' 'd/c'; do
	grep -q "$n: Permission denied\|$n: cannot open\|open d/c: " "$WORK/look.err" || { show look; fail "$n"; }
done
[ ! -e "$PACKAGE/missing.jsonl" ] || fail "somebody watches"
run_in "$P" diagnose "$PACKAGE/cde-exec" --diagnose cat d/a
grep -q "$SRC/d/a.*\"placeholder\":true" "$PACKAGE/missing.jsonl" || fail "--diagnose does not name it"

# Opened for writing, not emptied: refused, and named.
go write 'echo x >>d/a'
err_has write "$SRC/d/a: was listed"

# What was changed is a placeholder still, under its old name and its new ones.
go change '
chmod 600 d/a; touch -d @1 d/b; mv d/c d/moved; ln d/d d/second
for n in a b moved d second; do while cat d/$n >/dev/null 2>&1; do sleep 0.01; done; done
stat -c "%n %a" d/a; stat -c "%n %Y" d/b; ls d'
out_is change 'd/a 600
d/b 1
a
b
d
e
link
moved
second'
[ "$(stat -c %a "$P/d/a") $(stat -c %Y "$P/d/b")" = "600 1" ] || fail "the package was not changed"

# Emptied, removed and replaced: no placeholder any more.
go fill 'echo new >d/a; cat d/a; rm d/b; echo 2 >two; mv two d/moved; cat d/moved d/a; ls d'
out_is fill 'new
2
new
a
d
e
link
moved
second'
# The list is older than all this, and than what others do by hand.
echo hand >"$P/d/e"
go old 'cat d/a d/e d/moved; cat d/d; cat d/second'
out_is old 'new
hand
2'
[ "$(grep -c 'Permission denied' "$WORK/old.err")" = 2 ] || { show old; fail "an old list"; }

# An edit that fills one, and takes it back, makes the list.
listed() { tr '\0' '\n' <"$PACKAGE/.placeholders" | grep -qx "f$1"; }
echo filled >"$WORK/fill"
record edit "$CDE_BIN/cde-pkg" add -p "$PACKAGE" "$SRC/d/d" from "$WORK/fill"
status_is edit 0
listed d && fail "what was added is in the list"
listed second || fail "what is a placeholder is not in the list"
go filled 'cat d/d; cat d/second'
out_is filled filled
record edit "$CDE_BIN/cde-pkg" undo -p "$PACKAGE"
status_is edit 0
listed d || fail "what was taken back is not in the list"
go undone 'cat d/d'
[ ! -s "$WORK/undone.out" ] || { show undone; fail "a placeholder is read after undo"; }

# Lists that lie.  What is outside stays as it is, and is not seen.
echo secret >"$WORK/outside"
for list in 'd1.0 /|f../../../outside|e|' 'd1.0 /|d1.0 /../..|foutside|e|' 'd1.0 /|fx' 'm|e|' 'e|'; do
	printf 'cde placeholders 1\n%s' "$list" | tr '|' '\0' >"$PACKAGE/.placeholders"
	go lie 'cat d/d; cat d/a'
	out_is lie new
done
{
	printf 'cde placeholders 1\nd%s /\0' "$(stat -c %.9Y "$PACKAGE/cde-root")"
	yes fx | head -n 1000000 | tr '\n' '\0'
	printf 'e\0'
} >"$PACKAGE/.placeholders"
go million 'cat d/d; cat d/a'
out_is million new
# A listed name that is a link now, and a directory above it that leads out.
record scan "$CDE_BIN/cde-pkg" --package "$PACKAGE" scan
[ -s "$PACKAGE/.placeholders" ] || fail "cde-pkg scan makes no list"
rm "$P/d/second" && ln -s "$WORK/outside" "$P/d/second"
go link 'cat d/second; cat d/d'
[ ! -s "$WORK/link.out" ] || { show link; fail "a link that leads out"; }
mv "$P/d" "$WORK/elsewhere" && ln -s "$WORK/elsewhere" "$P/d"
go dir 'cat d/a; ls d/'
[ ! -s "$WORK/dir.out" ] || { show dir; fail "a directory that leads out"; }
rm "$P/d" && mv "$WORK/elsewhere" "$P/d"

# Too many: opens are watched, and what is refused is named.
for n in $(seq 100); do cp "$P/d/d" "$P/many/$n"; done
go many 'cat many/77; cat d/a'
out_is many new
err_has many watched
err_has many "many/77: was listed"

# Where overlayfs cannot see the package (it is on two already), too.
[ -n "$CDE_ROOTLY" ] || exit 0
rm -r "$P/many" && mkdir "$P/many"
cat >"$WORK/deep" <<'S'
mkdir "$2/1" "$2/2" && mount -t tmpfs t "$2/1" && mount -t tmpfs t "$2/2" && mkdir "$2/1/u" "$2/1/w" "$2/2/u" "$2/2/w" &&
mount -t overlay -o "lowerdir=$1,upperdir=$2/1/u,workdir=$2/1/w" o "$1" &&
mount -t overlay -o "lowerdir=$1,upperdir=$2/2/u,workdir=$2/2/w" o "$1" || exit 99
cd "$1/cde-root$3" && "$1/cde-exec" --why --engine namespace sh -c 'cat d/d; cat d/a'
S
record deep unshare -m sh "$WORK/deep" "$PACKAGE" "$WORK" "$SRC"
[ "$(cat "$WORK/deep.status")" != 99 ] || skip "no overlay on overlay here"
out_is deep new
err_has deep "placeholders cannot be covered"
err_has deep "d/d: was listed"
