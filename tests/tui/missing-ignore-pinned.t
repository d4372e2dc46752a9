# I leaves the path on its side; what is normal anyway needs no note; p n says it among the files.
pkg missing
run cde-tui $PKG
press 4 j
cursor-row ~ "weights.bin"
press p i
title ~ "2 staged"
screen !~ "no   /home/alice/study/weights.bin"
press z
cursor-row ~ "weights.bin"
row-state "weights.bin" = "N"
press i
message ~ "weights.bin host"
press G i
message ~ "normal already"
title ~ "3 staged"
press u u u
press 1
press / i n p u t r c Enter p
screen ~ "n normal if missing"
press n
message ~ "inputrc-of-alice absent"
press 4 z
screen !~ "no   /etc/inputrc"
press W y q
exit 0
sh grep -qx "#:absent_exact=/etc/inputrc-of-alice" cde-package/cde.options && ! grep -q weights cde-package/cde.options
run cde-tui -r $PKG
press 4
screen !~ "inputrc"
screen !~ "ignore"
press i
message ~ "read-only"
press q
exit 0
sh cde-pkg ls -p cde-package --format 0 missing | tr "\0" "\n" | grep -q weights && ! cde-pkg ls -p cde-package --format 0 missing | tr "\0" "\n" | grep inputrc
