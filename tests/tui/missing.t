# A lost library comes first, with what was tried.
pkg missing
run cde-tui $PKG
title ~ "missing"
press 4
cursor-row ~ "!!!"
cursor-row ~ "libgfortran.so.5"
screen ~ "(5 places)"
screen ~ "is not in the package any more"
screen ~ "weights.bin"
press w
screen ~ "Why is this missing?"
press q q
exit 0
