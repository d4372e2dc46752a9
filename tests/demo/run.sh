#!/bin/sh
# run.sh BINDIR WORKDIR: the demonstration.  Alice's study is packaged by cde and
# repeated on Bob's "machine", a root directory that holds one static busybox and
# nothing else: no Python, no C library, no loader.
# Lists of words are meant to split.
# shellcheck disable=SC2086
set -eu

here=$(cd "$(dirname "$0")" && pwd)
bin=$(cd "$1" && pwd)
mkdir -p "$2"
work=$(cd "$2" && pwd)
alice=$work/alice
bob=$work/bob
# Debian's own Python, whatever else is installed here.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH
unset PYTHONPATH PYTHONHOME MPLCONFIGDIR LD_LIBRARY_PATH LD_PRELOAD

n=0
say()
{
	n=$((n + 1))
	printf '\033[1m%2d. %s\033[0m\n' "$n" "$*"
}
[ -t 1 ] || say()
{
	n=$((n + 1))
	printf '%2d. %s\n' "$n" "$*"
}
die()
{
	printf 'demo: %s\n' "$*" >&2
	exit 1
}
same()
{
	cmp -s "$1" "$2" || {
		diff "$1" "$2" >&2 || :
		die "$1 and $2 differ"
	}
}

# on_bobs COMMAND: in Bob's root, by chroot, inside a namespace that gives him
# /proc and /dev; without being root, as root of a user namespace.
on_bobs()
{
	how=-m
	[ "$(id -u)" = 0 ] || how='-r -m'
	# In a chroot whose / is no mount point there is no propagation to change.
	unshare $how true 2>/dev/null || how="$how --propagation unchanged"
	# shellcheck disable=SC2016 # for the inner shell
	unshare $how sh -c '
		mount --rbind /proc "$1/proc" && mount --rbind /dev "$1/dev" &&
			exec chroot "$1" /bin/busybox env -i HOME=/home/bob \
				PATH=/bin /bin/busybox sh -ec "$2"
	' sh "$bob" "$1"
}

rm -rf "$work/alice" "$work/bob" "$work/moved" "$work"/*.txt
mkdir -p "$alice" "$bob/bin" "$bob/proc" "$bob/dev" "$bob/home/bob" "$bob/tmp"
for p in python3 python3-config cc; do
	command -v $p >/dev/null || die "$p is not installed: make deps"
done
python3 -c 'import numpy, matplotlib' || die 'python3-numpy or -matplotlib: make deps'

say "Alice has a study: weather_sim.py, numpy, matplotlib, and a C module of her own."
cp "$here/weather_sim.py" "$here/py_weather.c" "$here/tokyo.dat" "$alice"
cd "$alice"
# shellcheck disable=SC2046 # several -I
cc -O2 -shared -fPIC $(python3-config --includes) \
	-o "py_weather$(python3-config --extension-suffix)" py_weather.c

say "She runs it under cde:  cde python3 weather_sim.py tokyo.dat"
"$bin/cde" python3 weather_sim.py tokyo.dat >"$work/alice.txt"
cat "$work/alice.txt"
cp tokyo.png "$work/alice.png"

say "cde-package now holds $(find cde-package/cde-root -type f | wc -l) files," \
	"$(du -sh cde-package | cut -f1): the program and all that it used."

say "Bob's machine: $(cp /bin/busybox "$bob/bin/busybox" &&
	ln -s busybox "$bob/bin/sh" && cd "$bob" && find . -type f -size +0 |
	tr '\n' ' ')(and /bin/sh, a link to it), no other file."

say "The package is moved to Bob's home; Alice's directory disappears."
mv cde-package "$bob/home/bob/"
cd "$work"
mv alice moved

say "Bob, inside the package:  cde-exec python3 weather_sim.py tokyo.dat"
inside=/home/bob/cde-package/cde-root$alice
on_bobs "cd '$inside' &&
	/home/bob/cde-package/cde-exec python3 weather_sim.py tokyo.dat" >bob.txt
same alice.txt bob.txt
same alice.png "$bob$inside/tokyo.png"
say "The same numbers; the same plot: $(cksum <alice.png | tr '\n' ' ')on both sides."

say "Bob's own data, in his own directory:  cde-package/python3.cde … osaka.dat"
cp "$here/osaka.dat" "$bob/home/bob/"
on_bobs "cd /home/bob &&
	cde-package/python3.cde '$alice/weather_sim.py' osaka.dat" >osaka.txt
cat osaka.txt
[ -s "$bob/home/bob/osaka.png" ] || die "osaka.png was not written to Bob's home"

say "What Alice would have got for Osaka, to compare."
mkdir osaka
(cd osaka && cp "$here/osaka.dat" . &&
	python3 ../moved/weather_sim.py osaka.dat) >expect.txt
same expect.txt osaka.txt
same osaka/osaka.png "$bob/home/bob/osaka.png"
rm -rf osaka

say "Done: the same again. Look around in $bob/home/bob"
