#!/bin/sh
# A program of a package takes part in the session of whoever runs it: the buses (a real
# dbus-daemon), Wayland, PulseAudio, PipeWire, the printers' and ssh's sockets, host names,
# users, devices.  It is captured where there are none of these; then it runs on a machine (a
# mount namespace) that has them all, in seamless mode and inside of cde-root.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
any_engine
need python3 unshare getent
# The command line must not find the session of who runs the tests.
unset XDG_RUNTIME_DIR WAYLAND_DISPLAY PULSE_SERVER PIPEWIRE_REMOTE SSH_AUTH_SOCK \
	DBUS_SESSION_BUS_ADDRESS DBUS_SYSTEM_BUS_ADDRESS
unshare -rm sh -c 'mount -t tmpfs none /run && mount --bind /etc/passwd /etc/hosts' 2>/dev/null ||
	skip 'no user namespace in which things can be mounted'
bus=
has dbus-daemon dbus-send && bus=1
[ -n "$bus" ] || echo 'no dbus-daemon, dbus-send (Debian: dbus-daemon dbus-bin): without the buses'
cat >client.py <<'END'
import os, socket, stat

def ask(what, path):
	try:
		with socket.socket(socket.AF_UNIX) as s:
			s.connect(path)
			print(what, s.recv(99).decode(), s.getpeername() == path)
	except OSError as e:
		print(what, e.strerror)

run = os.environ.get("XDG_RUNTIME_DIR", "/run/user/none")
ask("wayland", f"{run}/{os.environ.get('WAYLAND_DISPLAY', 'wayland-0')}")
ask("pulse", os.environ.get("PULSE_SERVER", f"unix:{run}/pulse/native")[5:])
ask("pipewire", f"{run}/{os.environ.get('PIPEWIRE_REMOTE', 'pipewire-0')}")
ask("printers", "/run/cups/cups.sock")
ask("agent", os.environ.get("SSH_AUTH_SOCK", "/run/none"))
try:
	print("host", socket.gethostbyname("printer.example"))
except OSError:
	print("host unknown")
for dev in "/dev/dri/card0", "/dev/nvidia0":
	try:
		st = os.stat(dev)
		with open(dev, "r+b", 0) as f:
			print(dev, stat.S_ISCHR(st.st_mode), hex(st.st_rdev), f.write(b"x"))
	except OSError as e:
		print(dev, e.strerror)
END
cat >all.sh <<'END'
python3 client.py
getent passwd zora
[ -z "$bus" ] || for which in session system; do
	dbus-send --$which --print-reply=literal --dest=org.freedesktop.DBus / org.freedesktop.DBus.GetId 2>&1 |
		grep -o '[0-9a-f]\{32\}' || echo "no $which bus"
done
:
END
cat >serve.py <<'END'
import os, socket, sys, threading

def serve(path):
	os.makedirs(os.path.dirname(path), exist_ok=True)
	s = socket.socket(socket.AF_UNIX)
	s.bind(path)
	s.listen()
	while True:
		s.accept()[0].send(b"here is " + path.encode())

names = sys.argv[1:]
for n in names:
	threading.Thread(target=serve, args=(n,)).start()
END
cat >machine.sh <<'END'
set -e
mkdir old && mount --rbind /dev old
mount -t tmpfs -o mode=755 none /dev
mkdir /dev/dri /dev/pts /dev/shm
for d in null zero urandom random tty full; do : >/dev/$d; mount --bind old/$d /dev/$d; done
for d in dri/card0 nvidia0; do : >/dev/$d; mount --bind old/null /dev/$d; done
mount -t tmpfs none /run
mkdir -p /run/user/7 /run/dbus
{ cat /etc/hosts; echo 192.0.2.7 printer.example; } >hosts
{ cat /etc/passwd; echo zora:x:4711:4711::/:/bin/sh; } >passwd
mount --bind hosts /etc/hosts
mount --bind passwd /etc/passwd
python3 serve.py /run/user/7/wayland-3 /run/user/7/sound /run/user/7/pw /run/cups/cups.sock /run/user/7/agent &
server=$!
trap "kill \$server \$daemons" EXIT
daemons=
export XDG_RUNTIME_DIR=/run/user/7 WAYLAND_DISPLAY=wayland-3 PULSE_SERVER=unix:/run/user/7/sound \
	PIPEWIRE_REMOTE=pw SSH_AUTH_SOCK=/run/user/7/agent
if [ -n "$bus" ]; then
	for a in /run/user/7/bus /run/dbus/system_bus_socket; do
		dbus-daemon --session --nofork --nopidfile --address=unix:path=$a 2>>dbus.log &
		daemons="$daemons $!"
	done
	export DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/7/bus
fi
for s in $(seq 1 200); do
	[ -S /run/user/7/agent ] && [ -S /run/user/7/sound ] && [ -S /run/user/7/pw ] &&
		[ -S /run/cups/cups.sock ] && [ -S /run/user/7/wayland-3 ] &&
		{ [ -z "$bus" ] || { [ -S /run/user/7/bus ] && [ -S /run/dbus/system_bus_socket ]; }; } && break
	sleep 0.1
done
here=$PWD
sh ./all.sh >"$WORK/natively"
cd "$WORK"
"$PACKAGE/cde-exec" --engine "$EXEC_ENGINE" sh "$here/all.sh" >"$WORK/seamless" 2>"$WORK/seamless.err" || :
END
sed -i 's|python3 client.py|python3 "${0%/*}/client.py"|' all.sh
cat >>machine.sh <<'END'
cd "$PACKAGE/cde-root$here"
"$PACKAGE/cde-exec" --engine "$EXEC_ENGINE" sh ./all.sh >"$WORK/inside" 2>"$WORK/inside.err" || :
END
export bus PACKAGE WORK EXEC_ENGINE
mkdir -p "${PACKAGE%/*}"
# captured with a session of its own, which is over
record capture env XDG_RUNTIME_DIR=/run/user/gone WAYLAND_DISPLAY=gone PULSE_SERVER=unix:/run/gone \
	DBUS_SESSION_BUS_ADDRESS=unix:path=/run/gone SSH_AUTH_SOCK=/run/gone PIPEWIRE_REMOTE=gone \
	"$CDE_BIN/cde" -q -o "$PACKAGE" --engine "$CAPTURE_ENGINE" sh ./all.sh
out_has capture 'wayland No such file or directory'
out_has capture 'host unknown'
record machine unshare -rm sh machine.sh
status_is machine 0
grep -q 'wayland here is /run/user/7/wayland-3 True' "$WORK/natively" &&
	grep -q 'zora' "$WORK/natively" && grep -q 'card0 True' "$WORK/natively" ||
	{ cat "$WORK/natively"; show machine; broken 'the machine is not as it should be'; }
[ -z "$bus" ] || [ "$(grep -cE '^[0-9a-f]{32}$' "$WORK/natively")" = 2 ] ||
	{ cat "$WORK/natively" dbus.log; broken 'no buses'; }
for mode in seamless inside; do
	diff "$WORK/natively" "$WORK/$mode" || { cat "$WORK/$mode.err"; fail "$mode differs"; }
done
