#!/bin/sh
# Calls that cde-exec makes instead of the program (--engine notify) end as the program's own
# would: with its limit of descriptors and the lowest number, its rights and its user
# namespace; a FIFO keeps it waiting, and can be interrupted; what is closed on exec is.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
[ "$EXEC_ENGINE" != namespace ] || skip 'nothing is answered there'
need python3 unshare setpriv
EXEC_ENGINE=notify
cat >all.py <<'END'
import os, resource, signal, subprocess, sys, threading

def said(*argv):
	p = subprocess.run(argv, capture_output=True, text=True)
	print(argv[0], p.returncode, p.stdout.strip(), p.stderr.strip()[-60:])

fd = os.open("file", os.O_RDONLY)
os.close(fd)
print("lowest again", os.open("file", os.O_RDONLY) == fd, os.get_inheritable(fd))
os.set_inheritable(fd, True)
print("flags", oct(os.O_ACCMODE & 0), os.read(fd, 9))
# the number of a descriptor that was made close-on-exec is free after exec
said("sh", "-c", "cat file; cat <file; ls nothing; test -r closed && echo may")
# another user namespace shows other owners
said("unshare", "-r", "stat", "-c", "%u %g %n", "file")
said("unshare", "-r", "cat", "file")
if os.geteuid() == 0:
	said("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "cat", "closed")
# a FIFO: waits for its writer
if os.path.exists("fifo"):
	os.unlink("fifo")
os.mkfifo("fifo")
writer = threading.Timer(0.2, lambda: open("fifo", "w").write("through the fifo"))
writer.start()
print(open("fifo").read())
writer.join()
# … and is interrupted
class Late(Exception):
	pass
def late(*_):
	raise Late
signal.signal(signal.SIGALRM, late)
signal.setitimer(signal.ITIMER_REAL, 0.2)
try:
	open("fifo")
except Late:
	print("interrupted")
# signals in the middle of many calls
count = [0]
def tick(*_):
	count[0] += 1
signal.signal(signal.SIGALRM, tick)
signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
for i in range(3000):
	assert os.stat("file").st_size == 5
	with open("file") as f:
		assert f.read() == "file\n"
	assert os.readlink("link") == "file"
	assert not os.path.exists("no/such")
signal.setitimer(signal.ITIMER_REAL, 0)
print("ticks", count[0] > 0)
# all threads at once
def many():
	for i in range(500):
		assert os.stat("link").st_size == 5 and os.access("file", os.R_OK)
t = [threading.Thread(target=many) for _ in range(4)]
for x in t: x.start()
for x in t: x.join()
resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))
got = []
try:
	while True:
		got.append(os.open("file", os.O_RDONLY))
except OSError as e:
	print(e.strerror, got[-1])
END
echo file >file
echo closed >closed
chmod 600 closed
ln -s file link
native python3 all.py
status_is native 0
rm -f fifo
capture python3 all.py
same_output native capture
rm -f "$PACKAGE/cde-root$SRC/fifo"
move_away
replay python3 all.py
same_output native replay
rm -f "$PACKAGE/cde-root$SRC/fifo"
# in seamless mode too, of which the package's names are only a part
cd "$WORK" && mkdir -p elsewhere && cd elsewhere || exit
record why "$PACKAGE/cde-exec" --engine notify --why sh -c "cd '$SRC' && python3 all.py"
sed -i 1d "$WORK/why.err"
same_output native why
