#!/bin/sh
# ls -la: names, modes, sizes, times, link texts.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
mkdir -p d/sub && echo x >d/.hidden && echo xyz >d/f && ln -s f d/l && mkfifo d/p
chmod 640 d/f && chmod 1777 d/sub && touch -d '2020-01-02 03:04:05.678' d/f && ln -s nowhere d/dangling
head -c 100000 /dev/zero >d/big
trip ls -lan --full-time d
mv "$SRC.away" "$SRC"
rm -rf "$PACKAGE" && PACKAGE=$WORK/pkg/cde-package
BARE=
trip ls -la d
