# Another capture has the package, and changes it: then what is staged is written to the new
# one.  What cannot be done there any more is told, and nothing is written.
sh echo a >a.dat; echo b >b.dat; echo new >new.dat; mkfifo ready gate
sh cde -q cat a.dat b.dat >/dev/null
run cde-tui $PKG
press / a . d a t Enter d / b . d a t Enter #
type mine
press Enter
title ~ "2 staged"
sh cde -q sh -c "echo >ready; cat gate new.dat" >/dev/null 2>&1 &
sh read x <ready
press W y
screen ~ "the package is in use"
screen ~ ", cde, which"
press w
screen ~ "waiting"
sh echo >gate
wait "written; u takes it back"
title !~ "staged"
press / n e w . d a t Enter
cursor-row ~ "new.dat"
press q
exit 0
sh test ! -e cde-package/cde-root$PWD/a.dat && test -e cde-package/cde-root$PWD/new.dat
sh cde-pkg info $PWD/b.dat | grep -q mine
# The file is not in the package any more when the note shall be written.
run cde-tui $PKG
press / n e w . d a t Enter #
type late
press Enter
sh sqlite3 cde-package/manifest.db "DELETE FROM file WHERE path LIKE '%/new.dat'"
press W y
screen ~ "the package is not as it was"
screen ~ "new.dat"
press Esc
title ~ "1 staged"
press Q Q
exit 0
