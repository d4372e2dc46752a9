#!/bin/sh
# tmux.sh BUILD: a second opinion: the same program in another terminal emulator, with a
# real shell around it.  Waits for what shall be seen, at most 20 s each.
set -u
here=$(cd "$(dirname "$0")" && pwd -P)
build=$(cd "$1" && pwd -P)
command -v tmux >/dev/null || {
	echo 'skip tmux: not installed'
	echo '0 passed, 0 failed, 1 skipped'
	exit 0
}
work=$(mktemp -d "${TMPDIR:-/tmp}/cde-tmux.XXXXXX") || exit 99
PATH=$build/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 TZ=UTC
export PATH LC_ALL TZ
t()
{
	tmux -L "cde$$-$server" -f /dev/null "$@" 2>/dev/null
}
server=0
trap 't kill-server; rm -rf "$work"' EXIT
passed=0 failed=0
sh "$here/fixtures.sh" "$build/tests/fixture" "$here/fixtures" "$work" || exit 99

sees() # TEXT: it comes
{
	i=0
	while ! t capture-pane -p | grep -qF -- "$1"; do
		i=$((i + 1))
		[ $i -lt 200 ] || return 1
		read -r _ <"$work/tick" & # a tenth of a second, by the reader of a pipe
		wait $! 2>/dev/null
	done
}
# A clock without sleep: the writer's poll is select's.
mkfifo "$work/tick"
python3 -c '
import select, sys
while True:
    select.select([], [], [], 0.1)
    try:
        with open(sys.argv[1], "w") as f: f.write("\n")
    except OSError:
        break' "$work/tick" &
clock=$!
trap 'kill $clock 2>/dev/null; t kill-server; rm -rf "$work"' EXIT

start() # W H: a shell, then the program in it
{
	t kill-server
	server=$((server + 1)) # the old one may still be on its way out
	t new-session -d -x "$1" -y "$2" "cd $work; exec sh -i"
	t send-keys 'PS1="ready> "; clear' Enter
	sees 'ready>' && t send-keys "cde-tui demo" Enter && sees '1 Files'
}
check() # NAME COMMAND…
{
	c_name=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL tmux $c_name"
		t capture-pane -p
	fi
}
opens()
{
	start 80 24 && sees '322 files' && t send-keys q && sees 'ready>'
}
ctrl_z()
{
	start 80 24 && t send-keys j C-z && sees 'ready>' && t send-keys fg Enter &&
		sees '1 Files' && t send-keys q && sees 'ready>'
}
drops()
{
	start 80 24 && t send-keys j d && sees '1 staged' && t send-keys u && sees 'undone:' &&
		t send-keys q && sees 'ready>'
}
wide()
{
	start 120 35 && sees Facets && t send-keys '?' && sees 'On this screen' &&
		t send-keys q q && sees 'ready>'
}
resizes()
{
	start 80 24 && t resize-window -x 120 -y 40 && sees Facets &&
		t resize-window -x 40 -y 10 && sees '1 Files' && t send-keys q && sees 'ready>'
}
# What is captured has the terminal until Ctrl-Z; from the screen of its package a second
# one leads to the shell, and back.
captures()
{
	start 80 24 && t send-keys q && sees 'ready>' && t send-keys clear Enter &&
		t send-keys "mkdir -p c && cd c && cde-tui --capture sh -c 'expr 7777 \\* 7; cat'" Enter &&
		sees 54439 && t send-keys 'said to cat' Enter && sees_twice 'said to cat' &&
		t send-keys C-z && sees capturing && t send-keys C-z && sees topped &&
		t send-keys fg Enter && sees capturing && t send-keys q && sees 'said to cat' &&
		t send-keys 'and again' Enter && sees_twice 'and again' &&
		t send-keys C-d && sees 'ended with status 0' && t send-keys Enter &&
		sees '1 Files' && t send-keys q && sees 'ready>'
}
sees_twice() # TEXT: typed, and said by the program
{
	sees "$1"
	i=0
	while [ "$(t capture-pane -p | grep -cF -- "$1")" -lt 2 ]; do
		i=$((i + 1))
		[ $i -lt 200 ] || return 1
		read -r _ <"$work/tick" &
		wait $! 2>/dev/null
	done
}
check opens opens
check ctrl_z ctrl_z
check drops drops
check wide wide
check resizes resizes
check captures captures
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
