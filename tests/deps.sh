#!/bin/sh
# deps.sh GROUP...: have the Debian packages that building (build), the
# demonstration (demo), the tests (test), lint, bench, farm and its kernels need.
# As root they are installed; otherwise the missing ones are named, and only a
# missing compiler or library of the build is an error: tests and demo say
# themselves what they miss.  Quick when nothing is missing: one question to dpkg.
#
# A name "package:/path" is also satisfied by a program of that path.
# The lists of words below are meant to split.
# shellcheck disable=SC2086
set -u

build='gcc libc6-dev make pkg-config libsqlite3-dev libmagic-dev libjansson-dev libarchive-dev libssl-dev libncurses-dev'
demo='python3 python3-dev python3-numpy python3-matplotlib busybox-static'
test='check libvterm-dev librsvg2-bin ncdu zsh fish g++ gcc-multilib busybox-static python3 python3-numpy git sqlite3 perl
	findutils tar gawk:/usr/bin/awk procps util-linux strace tmux attr cpio xz-utils
	default-jdk-headless:/usr/bin/javac nodejs:/usr/bin/node php-cli:/usr/bin/php
	ruby:/usr/bin/ruby imagemagick:/usr/bin/convert gnuplot-nox:/usr/bin/gnuplot
	vim-tiny:/usr/bin/vim.tiny libgomp1 openssl ca-certificates cde
	openssh-client:/usr/bin/ssh openssh-server:/usr/sbin/sshd sshfs
	squashfuse squashfs-tools locales
	dbus-daemon:/usr/bin/dbus-daemon dbus-bin:/usr/bin/dbus-send'
lint='clang clang-format cppcheck shellcheck codespell man-db groff-base'
farm='python3 debootstrap busybox-static binutils diffutils'
kernels='cpio qemu-system-x86'
x11='xvfb weston imagemagick:/usr/bin/convert debootstrap procps util-linux'
bench='python3 git tar findutils strace cde proot care debootstrap sshfs iproute2
	openssh-client:/usr/bin/ssh openssh-server:/usr/sbin/sshd'

installed()
{
	dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null |
		sed -n 's/^installed //p'
}

# missing WORD...: those that are neither an installed package nor a program.
missing()
{
	for m_want in "$@"; do
		m_pkg=${m_want%%:*}
		m_prog=${m_want#"$m_pkg"}
		case "$have" in
		*"
$m_pkg
"*) continue ;;
		esac
		[ -n "$m_prog" ] && [ -x "${m_prog#:}" ] && continue
		echo "$m_pkg"
	done | sort -u | tr '\n' ' '
}

want=
for group in "$@"; do
	case $group in
	build) want="$want $build" ;;
	demo) want="$want $demo" ;;
	test) want="$want $test" ;;
	x11) want="$want $x11" ;;
	lint) want="$want $lint" ;;
	bench) want="$want $bench" ;;
	farm) want="$want $farm" ;;
	kernels) want="$want $kernels" ;;
	*)
		echo "deps: no such group: $group" >&2
		exit 2
		;;
	esac
done

if ! command -v dpkg-query >/dev/null; then
	echo "deps: this is no Debian system; needed are, by their Debian names:" $want >&2
	command -v "${CC:-cc}" >/dev/null
	exit
fi
have="
$(installed)
"
lacks=$(missing $want)
[ -z "$lacks" ] && exit 0
if [ "$(id -u)" != 0 ]; then
	echo "deps: not installed (run 'make deps' as root): $lacks" >&2
	[ -z "$(missing $build)" ]
	exit
fi
echo "deps: installing $lacks" >&2
export DEBIAN_FRONTEND=noninteractive
# An old list is tried first; then with a fresh one, then one by one, so that a
# package which the mirror lacks costs only its own tests.
apt_install()
{
	apt-get install -y -qq --no-install-recommends "$@" >"$log" 2>&1 </dev/null
}
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
apt_install $lacks && exit 0
apt-get update -qq >"$log" 2>&1
apt_install $lacks && exit 0
for pkg in $lacks; do
	apt_install "$pkg" && continue
	echo "deps: cannot install $pkg:" >&2
	grep '^E:' "$log" >&2 || tail -3 "$log" >&2
done
[ -z "$(have="
$(installed)
"; missing $build)" ]
