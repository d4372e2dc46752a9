# A drop, an addition and a pin, killed at each step of their write: whoever opens the
# package next finds the old one or the new one, never a mix, and can write what is left.
# each: 1 2 3 4 5 6 7 8 9 10 11 12 13
pkg demo
sh printf 'look() { cde-pkg ls -p $1 --format 0 | tr "\\0" "\\n" | LC_ALL=C sort; (cd $1 && find cde-root -printf "%%p %%y %%s\\n" | LC_ALL=C sort; cat cde.options); }\n' >look; cp -a cde-package old; . ./look; look old >old.look
env CDE_FAIL=write:@1
run cde-tui $PKG
press / t o k y o . d a t Enter d 1 g j p h a C-u
type /etc/passwd
press Enter
title ~ "3 staged"
press W
keys y
dies 137
unset CDE_FAIL
run cde-tui $PKG
press Esc
press Q Q
exit 0
sh . ./look; look cde-package >now.look; ! grep -q "/etc/passwd$" now.look || echo new >is-new; if [ -e is-new ]; then ! grep -q tokyo now.look; else cmp now.look old.look; fi
sh cde-pkg write -p cde-package >/dev/null 2>&1; . ./look; look cde-package >now.look; grep -q "cde-root/etc/passwd f" now.look && ! grep -q tokyo now.look && grep -q "^ignore_prefix=/usr" cde-package/cde.options && test ! -e cde-package/.unfinished
