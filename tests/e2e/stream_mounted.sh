#!/bin/sh
# A mounted remote, here an image by squashfuse, serves as a directory does.  When it is not
# mounted, or its server has died, nothing that is here is taken for gone, and what is not
# here is an error that names file and remote; mounted again it is found, by a running
# program, too.  What cannot be looked at in a directory does not cost the rest of it.
# once: root streams by ptrace, others by notification
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
. "$CDE_TOP/tests/e2e/stream.inc"
need dash mksquashfs squashfuse
[ -w /dev/fuse ] || skip '/dev/fuse is not for this user'
# What root mounts is in a namespace that ends with the case, however that ends.
if [ -n "$CDE_ROOTLY" ] && [ -z "${OWN_MOUNTS-}" ]; then
	need unshare
	OWN_MOUNTS=1 exec unshare -m -- sh "$0"
fi
image=$WORK/image
mnt=$WORK/mnt
server=

off()
{
	umount -l "$1" 2>/dev/null || fusermount -uz "$1" 2>/dev/null ||
		fusermount3 -uz "$1" 2>/dev/null
}

clean_up()
{
	off "$mnt"
	off "$REMOTE_ROOT/data/deep"
	[ -z "$server" ] || kill "$server" 2>/dev/null
}

# mounted DIR: $server is its squashfuse
mounted()
{
	squashfuse -f "$image" "$1" 2>"$WORK/squashfuse.log" &
	server=$!
	wait_for sh -c "[ -d '$1/usr' ] || ! kill -0 $server"
	[ -d "$1/usr" ] || { cat "$WORK/squashfuse.log"; skip 'squashfuse cannot mount here'; }
}

dies()
{
	kill -9 "$server"
	wait "$server"
	server=
} 2>/dev/null

# gone NAME: what is here is there, what is not is an error, and neither is forgotten
gone()
{
	stream "$1" cat /data/one /data/many/f7.bin
	status_is "$1" 1
	out_is "$1" one
	err_has "$1" 'Input/output error'
	err_has "$1" "/data/many/f7.bin is not here, and cannot be fetched from $mnt"
}

trap clean_up EXIT
trap 'exit 1' HUP INT TERM
remote_root
mksquashfs "$REMOTE_ROOT" "$image" -quiet -no-progress >"$WORK/made" 2>&1 ||
	{ cat "$WORK/made"; broken mksquashfs; }
mkdir "$mnt"
mounted "$mnt"
workspace "$mnt"
stream cat cat /data/one /data/absolute /data/deep/er/relative
out_is cat 'one
one
one'
stream again sh -c 'cat /data/one; stat -c "%A %s %Y" /data/many/f7.bin'
out_is again "one
$(stat -c '%A %s %Y' "$REMOTE_ROOT/data/many/f7.bin")"
same_as_remote

off "$mnt"
wait "$server"
gone unmounted
max_age 0
gone unmounted_old
max_age 300
mounted "$mnt"
dies
gone dead
max_age 0
gone dead_old

# It comes back, as another mount, to a program that had begun without it.
max_age 300
(
	wait_for [ -e "$WS/cde-root/begun" ]
	off "$mnt"
	exec squashfuse "$image" "$mnt"
) &
wait_for_mount=$!
stream back sh -c ': >/begun; while [ ! -e /go ]; do :; done; cat /data/many/f7.bin' &
program=$!
wait $wait_for_mount
wait_for [ -d "$mnt/usr" ]
: >"$WS/cde-root/go"
wait $program
status_is back 0
cmp "$WORK/back.out" "$REMOTE_ROOT/data/many/f7.bin" || fail 'back: content differs'
same_as_remote
off "$mnt"

# A directory of the remote that is a mount, and its server dies: stat fails for it.
rm -r "$REMOTE_ROOT/data/deep"
mkdir "$REMOTE_ROOT/data/deep"
mounted "$REMOTE_ROOT/data/deep"
workspace
stream inside cat /data/one /data/deep/data/one
out_is inside 'one
one'
dies
max_age 0
stream known cat /data/one /data/deep/data/one
same_output inside known
workspace
stream unknown sh -c 'cat /data/one; cat /data/deep/data/one'
out_is unknown one
err_has unknown "/data/deep is not here, and cannot be fetched from $REMOTE_ROOT"
