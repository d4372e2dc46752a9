#!/bin/sh
# stream-roots.sh DIRECTORY SUITE...: distributions to stream from, DIRECTORY/SUITE,
# made by cloud-distro where they are missing.  As root.
set -eu
here=$(dirname "$(readlink -f "$0")")
roots=$1
shift
common='python3 python3-numpy perl git vim gcc libc6-dev'
mkdir -p "$roots"
for suite; do
	root=$roots/$suite
	case $suite in
	bookworm) more='gnuplot-nox r-base-core' ;;
	*) more='xterm default-jre-headless' ;;
	esac
	[ ! -e "$root/.cde-profiles/environment" ] || continue # written last
	echo "stream-roots: making $root" >&2
	# shellcheck disable=SC2086
	sh "$here/../../pkgtools/cloud-distro" make "$root" --suite "$suite" $common $more >"$roots/$suite.log" 2>&1 ||
		{ tail -n 5 "$roots/$suite.log" >&2 && exit 1; }
done
