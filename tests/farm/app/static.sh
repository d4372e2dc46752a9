# a static program: busybox, as a shell, with applets that it starts from itself
# shellcheck shell=sh disable=SC2034
packages='busybox-static'
programs='busybox'
prepare()
{
	mkdir -p a/x b/y/z
	seq 1 50 >a/x/numbers
	seq 60 99 >b/y/z/numbers
	echo text >b/y/text
	cat >work.sh <<'END'
find "$1" -type f | sort
tar -C "$1" -cf - . | tar -tvf - | awk '{ print $1, $3, $6 }' | sort
gzip -c "$1"/*/numbers "$1"/*/*/numbers 2>/dev/null | zcat | sha256sum
readlink -f "$1/../$1/."  | sed 's,.*/,,'
sed -n '/[05]$/p' $(find "$1" -name numbers) >out/round
END
}
first='busybox sh work.sh a'
second='busybox sh work.sh b'
second_files='work.sh b'
