#!/bin/sh
# Started from a desktop file: its Exec line, as a desktop would run it.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
. "$CDE_TOP/tests/e2e/use.inc"
use_capture
use_data
menu=$PACKAGE/cde-root/usr/share/applications
mkdir -p "$menu"
printf '[Desktop Entry]\nType=Application\nName=Report\nExec=python3 "%s" %%f\n' \
	"$REPORT" >"$menu/report.desktop"
unset XDG_DATA_HOME XDG_DATA_DIRS
"$PACKAGE/cde-exec" --install >"$WORK/log" 2>&1 || fail "$(cat "$WORK/log")"
# %f becomes the file that was clicked; quotes are those of the specification.
cat >"$WORK/launch.py" <<'END'
import shlex, subprocess, sys
for line in open(sys.argv[1]):
    if line.startswith("Exec="):
        value = line[5:].strip().encode().decode("unicode_escape")
        words = [sys.argv[2] if w == "%f" else w.replace("%%", "%") for w in shlex.split(value)]
        sys.exit(subprocess.run(words, cwd="/").returncode)
END
record click env -i HOME="$HOME" DISPLAY=:99 PATH=/usr/bin:/bin python3 "$WORK/launch.py" \
	"$HOME/.local/share/applications/report.desktop" "$HOME/data/x.csv"
out_is click 'total 42'
