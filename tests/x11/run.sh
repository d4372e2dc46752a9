#!/bin/sh
# run.sh BUILD [PROGRAM...]: programs with windows draw from a package captured elsewhere what
# they draw there: on X11, and the GTK program (PROGRAM: wayland) on Wayland, too.
#
# xterm, a GTK and a Qt program are installed in a Debian root of their own
# ($CDE_X11_ROOT, default BUILD/x11-root; made at the first run, some 500 MB).  There they
# are run natively and captured, on an Xvfb; then the package runs here, where they are not
# installed.  The screenshots must be equal, pixel for pixel.  What is missing is named,
# and ends the test without failure.
#
# The Wayland compositor is weston without a screen, run by the user; its socket is in
# another directory than at capture.  It places windows by chance: what is compared is
# the window without its shadow, which is blended with what is below it.  Pictures are kept
# in BUILD/x11.
set -u
umask 022
build=$(cd "$1" && pwd -P) || exit
shift
wanted=$*
root=${CDE_X11_ROOT:-$build/x11-root}
failed=0 work='' server='' run='' screen=x11

skip()
{
	echo "x11: skipped: $*"
	exit 0
}

# Everything that was started has its number in $work/pids.
finish()
{
	[ -z "$work" ] || stop_all
	[ -z "$server" ] || kill "$server" 2>/dev/null
	[ -z "$run" ] || rm -rf "$run"
	[ -z "$work" ] || rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

stop_all()
{
	[ -f "$work/pids" ] || return 0
	while read -r p; do
		# what cde and cde-exec have started first: they end with it
		for c in $(pgrep -P "$p"); do
			kill "$c" 2>/dev/null
		done
		kill "$p" 2>/dev/null
	done <"$work/pids"
	# cde writes the package to its end
	while read -r p; do
		wait "$p" 2>/dev/null
	done <"$work/pids"
	rm -f "$work/pids"
}

[ "$(id -u)" = 0 ] || skip "root is needed, for chroot"
for p in Xvfb import debootstrap unshare setpriv pgrep; do
	command -v $p >/dev/null || skip "no $p on this machine (Debian: xvfb imagemagick debootstrap util-linux procps)"
done
if [ ! -x "$root/usr/bin/xterm" ]; then
	echo "x11: making $root (debootstrap)"
	rm -rf "$root.new"
	debootstrap --variant=minbase bookworm "$root.new" >"$root.log" 2>&1 ||
		skip "debootstrap failed: $(tail -n 1 "$root.log")"
	cp /etc/resolv.conf "$root.new/etc/"
	unshare -m sh -c 'mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" &&
		exec chroot "$1" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
		--no-install-recommends xterm gtk-3-examples featherpad fonts-dejavu-core \
		libsqlite3-0' sh "$root.new" >>"$root.log" 2>&1 ||
		skip "apt-get in the root failed: $(tail -n 1 "$root.log")"
	mv "$root.new" "$root"
fi
work=$(mktemp -d /srv/cde-x11.XXXXXX) && chmod 755 "$work" || exit
mkdir "$work/state" "$work/home" && chown 65534:65534 "$work/state" "$work/home"
mkdir -p "$root/opt/cde" && cp "$build/bin/cde" "$build/bin/cde-exec" "$root/opt/cde/"

# A screen; clients in the root reach it by its abstract socket.
mkfifo "$work/display"
Xvfb -displayfd 1 -screen 0 640x480x24 -ac -nolisten tcp >"$work/display" 2>"$work/xvfb.log" &
server=$!
read -r number <"$work/display" || skip "Xvfb does not start: $(tail -n 1 "$work/xvfb.log")"
DISPLAY=:$number
export DISPLAY

# In the root, in the background, not as root; HOME is new each time.
in_root()
{
	rm -rf "$root/home/x" && mkdir -p "$root/home/x"
	chown 65534:65534 "$root/home/x" "$root/opt/cde"
	# shellcheck disable=SC2046
	unshare -m sh -c 'mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" &&
		mount --bind "$2" "$1/run/there" && shift 2 && exec "$@"' \
		sh "$root" "${run:-/var/empty}" chroot --userspec=65534:65534 --groups= "$root" /usr/bin/env -i \
		PATH=/usr/bin:/bin HOME=/home/x LANG=C.UTF-8 $(session /run/there) "$@" \
		>"$work/log" 2>&1 </dev/null &
	echo $! >>"$work/pids"
}

# session DIRECTORY: variables that lead to the screen
session()
{
	case $screen in
	x11) echo "DISPLAY=$DISPLAY" ;;
	wayland) echo "XDG_RUNTIME_DIR=$1 WAYLAND_DISPLAY=wayland-7 GDK_BACKEND=wayland" ;;
	esac
}

# Here, as a user to whom the package does not belong, and without this machine's fonts: in
# seamless mode they would join those of the package.  HOME is new each time: fontconfig keeps
# there, by name and time of a directory, which fonts another package had in it.
here()
{
	rm -rf "$work/home/.cache"
	# shellcheck disable=SC2046
	unshare -m sh -c 'mount -t tmpfs none /usr/share/fonts && exec "$@"' sh \
		setpriv --reuid=65534 --regid=65534 --clear-groups env -i PATH=/usr/bin:/bin \
		HOME="$work/home" XDG_STATE_HOME="$work/state" $(session "$run") \
		"$@" >"$work/log" 2>&1 </dev/null &
	echo $! >>"$work/pids"
}

# shot NAME: the screen as pixels, in $work/NAME.rgb (and .png to look at).
shot()
{
	case $screen in
	x11) import -silent -window root "$work/$1.png" ;;
	wayland) wayland_shot "$1" ;;
	esac && convert "$work/$1.png" -depth 8 "rgb:$work/$1.rgb"
}

as_user()
{
	setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$work/home" \
		XDG_RUNTIME_DIR="$run" WAYLAND_DISPLAY=wayland-7 XDG_PICTURES_DIR="$run/shots" "$@"
}

wayland_shot()
{
	as_user timeout 20 weston-screenshooter >"$work/shooter.log" 2>&1 &&
		mv "$run"/shots/*.png "$work/$1.png" &&
		case $(identify -format %k "$work/$1.png") in
		1) ;; # nothing but the background
		*) mogrify -trim +repage -shave 40x40 +repage "$work/$1.png" ;;
		esac
	ws_ok=$?
	rm -f "$run"/shots/*.png
	return $ws_ok
}

is_background()
{
	shot empty && [ "$(convert "$work/empty.png" -unique-colors txt:- | grep -c '#224466')" = 1 ]
}

start_weston()
{
	run=$(mktemp -d /run/cde-x11.XXXXXX) && mkdir "$run/shots" && chmod 700 "$run" || exit
	cat >"$work/weston.ini" <<-'E'
		[shell]
		background-color=0xff224466
		panel-position=none
		animation=none
		startup-animation=none
		close-animation=none
		locking=false
	E
	chown -R 65534:65534 "$run"
	as_user weston --backend=headless-backend.so --use-pixman --width=1600 --height=1200 \
		--config="$work/weston.ini" --socket=wayland-7 --debug --idle-time=0 \
		>"$work/weston.log" 2>&1 &
	server=$!
	# its background, which a program of its own draws
	within 20 is_background
}

# The screen has something on it, and does not change any more.
settled()
{
	shot now && ! cmp -s "$work/now.rgb" "$work/empty.rgb" || return
	cp "$work/now.rgb" "$work/before.rgb"
	sleep 0.3
	shot now && cmp -s "$work/now.rgb" "$work/before.rgb"
}

# A caret blinks: one of the next screens must be this one.
is_native()
{
	shot "$1" && cmp -s "$work/$1.rgb" "$work/native.rgb"
}

is_empty()
{
	shot now && cmp -s "$work/now.rgb" "$work/empty.rgb"
}

# within SECONDS CMD…
within()
{
	n=$(($1 * 4))
	shift
	until "$@"; do
		n=$((n - 1))
		[ $n -gt 0 ] || return
		sleep 0.25
	done
}

clear_screen()
{
	stop_all
	within 20 is_empty || skip "the screen does not become empty"
}

keep_pictures()
{
	mkdir -p "$build/x11"
	for k in native captured replayed; do
		[ ! -e "$work/$k.png" ] || mv "$work/$k.png" "$build/x11/$screen-$1-$k.png"
	done
}

fail()
{
	echo "FAIL  x11 $*"
	sed 's/^/      /' "$work/log" | tail -n 5
	echo "      pictures: $build/x11"
	failed=$((failed + 1))
}

# try PROGRAM ARGUMENT…
try()
{
	command -v "$1" >/dev/null && echo "x11: note: this machine has a $1, too"
	in_root "$@"
	within 40 settled || { clear_screen; skip "$1 draws nothing in its own root: $(tail -n 1 "$work/log")"; }
	cp "$work/now.rgb" "$work/native.rgb"
	cp "$work/now.png" "$work/native.png"
	clear_screen
	rm -rf "$root/opt/cde/cde-package"
	in_root /opt/cde/cde -q -o /opt/cde/cde-package "$@"
	within 60 is_native captured || fail "$1: it draws something else while it is captured"
	clear_screen
	mkdir -p "$work/$screen/$1"
	cp -r --preserve=mode,timestamps,links "$root/opt/cde/cde-package" "$work/$screen/$1/"
	program=$1
	shift
	cd "$work/home" || exit
	here "$work/$screen/$program/cde-package/$program.cde" "$@"
	if within 60 is_native replayed; then
		echo "$screen: $program: $(wc -c <"$work/replayed.rgb") bytes of pixels are equal"
	else
		fail "$program: the package draws something else"
	fi
	keep_pictures "$program"
	clear_screen
}

wanted()
{
	case " ${wanted:-$1} " in
	*" $1 "*) ;;
	*) return 1 ;;
	esac
}

mkdir -p "$root/run/there" /var/empty
within 20 shot empty || skip "no screenshot can be made"
! wanted xterm ||
	try xterm -fa 'DejaVu Sans Mono' -fs 14 -e sh -c 'echo hello from the package; exec sleep 1000'
! wanted gtk3-demo || try gtk3-demo --run=combobox
! wanted featherpad || try featherpad
if wanted wayland; then
	kill "$server"
	server='' screen=wayland
	command -v weston weston-screenshooter >/dev/null || skip "no weston on this machine"
	start_weston || skip "weston does not start: $(tail -n 1 "$work/weston.log")"
	try gtk3-demo
fi
[ "$failed" = 0 ]
