#!/bin/busybox sh
# init of the virtual machine: the system is put on a tmpfs (who runs on the initial root
# cannot change its root directory), then /farm/steps is done there, and what it leaves in
# /result goes to the second serial line.
bb=/bin/busybox
if [ "$1" != second ]; then
	$bb mkdir -p /proc /sys /system
	$bb mount -t tmpfs -o mode=755,size=90% system /system
	$bb cp -a /payload/. /system/
	exec $bb switch_root /system /farm/boot.sh second
fi
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs shm /dev/shm
chmod 1777 /dev/shm /tmp
ip link set lo up
echo "booted $(uname -r)"
mkdir /result
uname -r >/result/uname
sh /farm/steps
stty raw -F /dev/ttyS1
tar -c -f - -C / result | gzip -1 >/dev/ttyS1
echo finished
poweroff -f
