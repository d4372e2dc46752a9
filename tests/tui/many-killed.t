# Many edits one by one: in the journal after a kill, as a script, and undone across a write.
pkg big
run cde-tui $PKG
press t A d
title ~ " 0 files"
killed
run cde-tui $PKG
screen ~ "Edits of an earlier session"
press r
title ~ " 0 files"
title ~ "1 staged"
press 6
screen ~ "drop 20000 paths"
screen ~ "drop /data/part0000/file000.dat"
sh cp -r $PKG copy
press W e C-u
type edits
press Enter
message ~ "saved"
sh test "$(grep -c '^drop /data/' edits)" = 20000
sh cde-pkg edit --discard -p copy >/dev/null && cde-pkg edit --stage --script edits -p copy >/dev/null
sh cde-pkg log --script -p copy | grep '^drop ' | sort >a && grep '^drop ' edits | sort | cmp - a
press W y
message ~ "written"
title ~ " 0 files"
# What comes back is dropped again, in part.
press u
title ~ "20000 files"
press 1 t g j d
title ~ "19999 files"
press u
title ~ "20000 files"
press C-r W y
message ~ "written"
title ~ "19999 files"
killed
run cde-tui $PKG
title ~ "19999 files"
press q
exit 0
