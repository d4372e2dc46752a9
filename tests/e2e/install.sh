#!/bin/sh
# cde-exec --install and --uninstall: commands and menu entries of two packages side by
# side, which leave alone what is not theirs.
# once: files are made, no engine is at work
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
unset XDG_DATA_HOME XDG_DATA_DIRS
bin=$HOME/.local/bin apps=$HOME/.local/share/applications
PATH=$bin:$PATH
printf '#!/bin/sh\necho "one: $*"; cat "$1"\n' >greet
chmod +x greet
for p in one two; do
	mkdir -p "$WORK/$p"
	sed -i "s/echo \"[a-z]*:/echo \"$p:/" greet
	"$CDE_BIN/cde" -q -o "$WORK/$p/cde-package" ./greet greet >"$WORK/log" 2>&1 ||
		fail "cde: $(cat "$WORK/log")"
done
one=$WORK/one/cde-package two=$WORK/two/cde-package
mv "$SRC" "$SRC.away"
mkdir "$SRC" && cd "$SRC" || exit

# A menu entry, as the package may have one.
menu=$one/cde-root/usr/share/applications
mkdir -p "$menu" "$one/cde-root/usr/share/pixmaps"
echo picture >"$one/cde-root/usr/share/pixmaps/greet.png"
cat >"$menu/greet.desktop" <<END
[Desktop Entry]
Type=Application
Name=Greet
TryExec=greet
Exec=$SRC/greet "a b" %F
Icon=greet
DBusActivatable=true

[Desktop Action more]
Exec=$SRC/greet --more
END
printf '[Desktop Entry]\nType=Application\nName=Other\nExec=nothing-here\n' >"$menu/other.desktop"

record in1 "$one/cde-exec" --install
status_is in1 0
out_is in1 "$bin/greet
$apps/greet.desktop"
echo mine >my-file
record run "$bin/greet" my-file
out_is run "one: my-file
mine"
grep -q "^Exec=\"$one/greet.cde\" \"a b\" %F\$" "$apps/greet.desktop" &&
	grep -q "^Icon=$one/cde-root/usr/share/pixmaps/greet.png\$" "$apps/greet.desktop" &&
	grep -q "^Exec=\"$one/greet.cde\" --more\$" "$apps/greet.desktop" ||
	fail "$(cat "$apps/greet.desktop")"
! grep -q 'TryExec\|DBus' "$apps/greet.desktop" || fail "$(cat "$apps/greet.desktop")"

# The other package finds the name taken, twice in the end.
record in2 "$two/cde-exec" --install
out_is in2 "$bin/greet.cde"
record run2 greet.cde my-file
out_is run2 "two: my-file
mine"
mkdir "$WORK/three" && cp -a "$two" "$WORK/three/"
record in3 "$WORK/three/cde-package/cde-exec" --install
out_is in3 "$bin/greet.three.cde"
# What is there and nobody's: said, and left alone.
cp -a "$two" "$WORK/four"
echo 'my own' >"$bin/greet.four.cde"
record in4 "$WORK/four/cde-exec" --install
status_is in4 125
err_has in4 "$bin/greet.four.cde is there, and not of this package"
[ "$(cat "$bin/greet.four.cde")" = 'my own' ] || fail "somebody's file was written over"
# Once more: the same files.
record again "$one/cde-exec" --install
same_output in1 again

# What root has installed keeps its name.
mkdir "$WORK/usr" && printf '#!/bin/sh\n' >"$WORK/usr/greet" && chmod +x "$WORK/usr/greet"
record second env PATH="$PATH:$WORK/usr" "$one/cde-exec" --install "$WORK/own"
status_is second 0
out_has second "$WORK/own/greet.cde"
err_has second "$WORK/own is not on your PATH"
record gone env PATH="$PATH" "$one/cde-exec" --uninstall "$WORK/own"
[ -z "$(ls "$WORK/own")" ] || fail "left: $(ls "$WORK/own")"

# Every program of PATH.
record all "$one/cde-exec" --install --all "$WORK/all"
out_has all "$WORK/all/"
set -- "$WORK"/all/cat*
[ -x "$1" ] || fail "no cat among $(ls "$WORK/all")"
record cat "$1" my-file
out_is cat mine

# Away with it: only what is this package's, under any name, and as it was installed.
mv "$bin/greet" "$bin/renamed"
"$one/cde-exec" --install "$bin" >"$WORK/log" 2>&1 || fail "$(cat "$WORK/log")"
echo '# mine now' >>"$bin/greet"
record out1 "$one/cde-exec" --uninstall
status_is out1 0
out_has out1 "$bin/renamed"
err_has out1 "$bin/greet was changed since it was installed: kept"
[ "$(ls "$bin" | tr '\n' ' ')" = 'greet greet.cde greet.four.cde greet.three.cde ' ] ||
	fail "in $bin: $(ls "$bin")"
# Also when the package is gone: by its name.
rm -rf "$WORK/three"
record out3 "$two/cde-exec" --package "$WORK/three/cde-package" --uninstall
out_is out3 "$bin/greet.three.cde"
record out2 "$two/cde-exec" --uninstall
out_is out2 "$bin/greet.cde"
record bad "$one/cde-exec" --install a b
status_is bad 125
one_line bad
