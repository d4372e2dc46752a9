#!/bin/sh
# make.sh BINDIR (as root): makes old.tar.xz anew, with the original cde (Debian: cde) as /usr/bin/cde
# and ours in BINDIR; /srv/old-packages must not be there.  The packages are small and free
# of other people's files: see tiny.c.  A new format of ours gets a package beside the old
# ones, it does not replace them: put its name into $ours and keep the others.
set -eu
bin=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
top=/srv/old-packages
ours='ours-2'
[ ! -e $top ] || { echo "$top is there already" >&2; exit 1; }
mkdir -p $top/bin $top/lib $top/study/sub $top/made
trap 'rm -rf $top' EXIT
tiny="cc -Os -fPIE -ffreestanding -fno-stack-protector -fno-asynchronous-unwind-tables -nostdlib
	-Wl,--build-id=none,-z,noseparate-code,-z,norelro $here/tiny.c"
$tiny -DLOADER -static-pie -Wl,--no-dynamic-linker -o $top/lib/ld-tiny.so
$tiny -pie -Wl,--dynamic-linker=$top/lib/ld-tiny.so -o $top/bin/cat
cp $top/bin/cat $top/bin/run
$tiny -static -fno-PIE -no-pie -o $top/bin/cat-static
strip $top/bin/* $top/lib/*
cd $top/study
echo 'the data' >data
echo 'of a directory below' >sub/data
ln -s ../study/sub/data link
ln -s $top/study/link absolute
cat >task <<END
#!$top/bin/run
# relative, absolute, by links, in another directory
where
../bin/cat data $top/study/sub/data
$top/bin/cat-static link absolute
cd sub
where
../../bin/cat data ../link
END
chmod 755 task
./task >$top/made/expected
# Nothing of this machine: neither variables nor its name.
clean="unshare --uts env -i PATH=/usr/bin:/bin HOME=/nonexistent LC_ALL=C.UTF-8 sh -ec"
# shellcheck disable=SC2016
$clean 'hostname old; exec "$@"' sh /usr/bin/cde ./task >/dev/null
mv cde-package $top/made/original-1
rm -f cde.options
# shellcheck disable=SC2016
$clean 'hostname old; exec "$@"' sh "$bin/cde" -o $top/made/$ours ./task >/dev/null
# Programs of that time are no part of what is tested.
rm -f $top/made/*/cde-exec
cd $top/made
mkdir old
[ ! -f "$here/old.tar.xz" ] || tar -xf "$here/old.tar.xz" -C old
rm -rf old/expected "old/original-1" "old/$ours"
mv expected original-1 "$ours" old/
tar -C old --owner=0 --group=0 --numeric-owner --sort=name -c . | xz -9e >"$here/old.tar.xz"
tar -tvf "$here/old.tar.xz"
ls -l "$here/old.tar.xz"
