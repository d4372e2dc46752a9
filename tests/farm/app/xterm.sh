# xterm on an X server (Xvfb) that is captured with it: a picture of the screen
# shellcheck shell=sh disable=SC2034
packages='xvfb xterm x11-apps x11-utils fonts-dejavu-core'
programs='Xvfb, xterm, xwd'
prepare()
{
	printf 'first line\n\033[31mred\033[0m and \033[1mbold\033[0m é ü\n' >a.txt
	printf '\033[7mreverse\033[0m\nsecond text \033[4munderlined\033[0m\n' >b.txt
	cat >work.sh <<'END'
rm -f display reply
mkfifo display
Xvfb -displayfd 3 -screen 0 480x320x24 -nolisten tcp 3>display 2>log &
server=$!
read -r n <display
export DISPLAY=":$n"
# The terminal answers the question where its cursor is when it has done all before that.
xterm -fa 'DejaVu Sans Mono' -fs 11 -geometry 40x10+0+0 -T task -e sh -c \
	"cat $1; stty -icanon -echo; printf '\033[6n'; head -c 6 >reply.new; mv reply.new reply; cat >rest" 2>>log &
terminal=$!
until [ -e reply ]; do
	kill -0 "$terminal" || exit 1
	sleep 0.05
done
# The picture is ready when two in a row are the same.
xwd -root -silent >before
while xwd -root -silent >now && ! cmp -s now before; do
	mv now before
	sleep 0.1
done
xwininfo -root -tree | grep -o '"task".*'
mv now out/screen.xwd
kill "$terminal" "$server"
wait
END
}
first='sh work.sh a.txt'
second='sh work.sh b.txt'
second_files='work.sh b.txt'
