# The example of cde-tui(1), word for word: capture, look, drop, pin, write, fix, pack.
# need: python3 dpkg zstd
sh sed -n '/^[.].. EXAMPLE$/,/^[.].. END$/p' "$TUI_TOP/tui/cde-tui.1" >text; for t in "cde-tui --capture python3 stats.py data/tokyo.dat" "mean: 15.83" "Li notes.txt" "Li tokyo.dat" origin:zlib1g "1 staged" "status 127" libz.so.1 "status 0" "Nothing is missing" "cde-pkg pack -o study.tar.zst"; do grep -qF -- "$t" text || { echo "the manual has no $t"; exit 1; }; done
sh mkdir study study/data && cd study && echo 15.83 >data/tokyo.dat && echo "ask Bob" >notes.txt
sh printf 'import sys, zlib\ntry:\n    open("notes.txt").read()\nexcept OSError:\n    pass\nprint("mean:", open(sys.argv[1]).read().strip())\n' >study/stats.py
spawn sh -c "cd study && exec cde-tui --capture python3 stats.py data/tokyo.dat"
until-pause
screen ~ "mean: 15.83"
screen ~ "python3 ended with status 0"
press Enter
title ~ "python3 stats.py data/tokyo.dat"
press / n o t e s . t x t Enter
cursor-row ~ "notes.txt"
press d
row-state "notes.txt" = "D"
title ~ "1 staged"
press / t o k y o . d a t Enter
press h p h
title ~ "2 staged"
cursor-row ~ "data/"
row-state "data/" = "H"
row-state "tokyo.dat" = "h"
press f
type origin:zlib1g
press Enter A d
message ~ "read by the run"
press F
screen ~ "notes.txt"
press W
screen ~ "Think twice"
keys t
until-pause
screen ~ "libz.so.1"
press Enter
message ~ "status 127"
cursor-row ~ "libz.so.1"
cursor-row ~ "!!!"
screen ~ "was dropped"
press a
title ~ "1 staged"
press W
keys t
until-pause
press Enter
message ~ "status 0"
cursor-row ~ "notes.txt"
press i
screen ~ "Nothing is missing."
press W y
message ~ "written"
press q
exit 0
sh cd study && cde-pkg pack -o study.tar.zst && tar -tf study.tar.zst >../list
sh ! grep -q notes.txt list
sh test "$(./study/cde-package/rerun)" = "mean: 15.83"; echo 2 >study/data/tokyo.dat; test "$(./study/cde-package/rerun)" = "mean: 2"
