# A packed package is looked at like another, but cannot be changed, and says why.
pkg demo
sh cde-pkg pack -p cde-package -o demo.tar.zst >/dev/null 2>&1; sha256sum demo.tar.zst >sum
run cde-tui demo.tar.zst
title ~ "322 files  40.9 MiB"
press / t o k y o Enter
cursor-row ~ "tokyo.dat"
press d
message ~ "archive"
press w
screen ~ "tokyo.dat"
press Esc q
exit 0
sh sha256sum -c sum >/dev/null
sh ! ls -a | grep "^\.cde"
