# ! gives a shell that sees the package only, where the run was.
sh mkdir study && cd study && echo inside >data && cde -q -o ../cde-package sh -c "cat data" >/dev/null
sh echo outside >study/data; echo outside >study/more
unset SHELL
run cde-tui $PKG
keys !
wait "sees the package only"
feed "cat data more\015"
wait "inside"
wait "more: No such file"
feed "exit 3\015"
press j k
title ~ "cde-package"
message !~ "could not"
press q
exit 0
# What cannot be started is said.
sh rm cde-package/cde-exec
run cde-tui $PKG
keys !
wait "could not be started"
press j q
exit 0
# The package has none: this machine's looks at its files.
sh rm -r cde-package && cd study && cde -q -o ../cde-package cat data >/dev/null
env SHELL=/bin/sh
run cde-tui $PKG
keys !
wait "the package has no shell"
feed "pwd; exit\015"
wait "cde-package/cde-root"
press j k
press q
exit 0
