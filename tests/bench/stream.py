"""stream.py BINDIR TESTS ROOT [PROGRAM…]: what starting programs over a slow line takes.

ROOT is a distribution with the programs of PROGRAMS in it; it is served by a real sshd
over a line of RTT_MS (20) and MBIT (100) between two network namespaces.  Rounds are
interleaved: each runs every column once, those of the short starts WARM (7) times, and
ratios are taken in the round.  Columns:

  local      chroot into ROOT, no network; once before, so that it is in memory
  least      the same, and a supervisor lets each call that looks at a name go on, without
             a look at it (floor.c)
  bulk       ssh tar: exactly the files of the profile, in one go
  profile    cde-exec, nothing here, the profile published beside the root
  second     the same again              gone: again, with the server gone
  blind      cde-exec, nothing here, no profile anywhere
  sshfs      chroot into a fresh mount of it (run SSHFS_ROUNDS (1) times: it takes long)

The last ratio, bulk to sshfs, is what blind to sshfs could be at best: files are fetched
whole, where sshfs reads the pages that are touched.  Where that alone is a third, a blind
start cannot be.  So is it with least to local: a start that has to see the calls, to say
what is not here, cannot be faster.
Needs root, sshd, sshfs, ip (iproute2).  ROUNDS: 3.  COLUMNS_ONLY: names of columns.
COMPRESS: a value for compress= in cde.stream.
"""
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

RTT = os.environ.get("RTT_MS", "20")
MBIT = os.environ.get("MBIT", "100")
ROUNDS = int(os.environ.get("ROUNDS", "3"))
WARM = int(os.environ.get("WARM", "7"))
SSHFS_ROUNDS = int(os.environ.get("SSHFS_ROUNDS", "1"))
COMPRESS = os.environ.get("COMPRESS")
CLOUD = os.path.join(os.path.dirname(__file__), "../../pkgtools/cloud-distro")
SERVER, CLIENT = f"cdeb{os.getpid()}s", f"cdeb{os.getpid()}c"
ADDRESS, PORT = "10.78.0.1", "2222"

PROGRAMS = {
    "numpy": ["python3", "-c", "import numpy; print(numpy.arange(9).sum())"],
    "gnuplot": ["gnuplot", "-e", "set term svg; plot sin(x)"],
    "R": ["Rscript", "-e", "cat(mean(1:10))"],
    "gcc": ["gcc", "/tmp/cde-bench.c", "-o", "/tmp/cde-bench.out"],
}


def run(*argv, **more):
    return subprocess.run(argv, check=True, **more)


def timed(argv, **more):
    begin = time.perf_counter()
    p = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, **more)
    if p.returncode:
        sys.stderr.write(f"{' '.join(argv)[-200:]}: status {p.returncode}\n"
                         f"{p.stderr.decode(errors='replace')[-600:]}\n")
        return float("nan")
    return time.perf_counter() - begin


class Line:
    """The two namespaces, the wire, sshd at its one end."""

    def __init__(self, work, slowlink):
        self.work, self.sshd, self.wire = work, None, None
        try:
            self.make(work, slowlink)
        except BaseException:
            self.end()
            raise

    def make(self, work, slowlink):
        for ns in (SERVER, CLIENT):
            run("ip", "netns", "add", ns)
        self.wire = subprocess.Popen([slowlink, SERVER, "srv", CLIENT, "cli", RTT, MBIT],
                                     stdout=subprocess.PIPE)
        if self.wire.stdout.readline().strip() != b"ready":
            sys.exit("stream.py: slowlink did not start")
        for ns, dev, addr in ((SERVER, "srv", ADDRESS), (CLIENT, "cli", "10.78.0.2")):
            run("ip", "-n", ns, "addr", "add", addr + "/24", "dev", dev)
            run("ip", "-n", ns, "link", "set", dev, "up", "mtu", "1500")
            run("ip", "-n", ns, "link", "set", "lo", "up")
        for key in ("host", "user"):
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{work}/{key}")
        shutil.copy(f"{work}/user.pub", f"{work}/authorized")
        with open(f"{work}/server", "w", encoding="ascii") as f:
            f.write(f"ListenAddress {ADDRESS}\nPort {PORT}\nHostKey {work}/host\n"
                    f"AuthorizedKeysFile {work}/authorized\nPidFile none\nUsePAM no\n"
                    "StrictModes no\nPermitRootLogin yes\nMaxStartups 100\n"
                    "Subsystem sftp internal-sftp -R\n")
        with open(f"{work}/client", "w", encoding="ascii") as f:
            f.write(f"Host cloud\nHostName {ADDRESS}\nPort {PORT}\nUser root\n"
                    f"IdentityFile {work}/user\nIdentitiesOnly yes\nBatchMode yes\n"
                    f"UserKnownHostsFile {work}/known\nStrictHostKeyChecking no\n"
                    "LogLevel ERROR\n")
        self.start()
        run(*self.there("ssh", "-F", f"{work}/client", "cloud", "true"))

    def there(self, *argv):
        return ["nsenter", f"--net=/run/netns/{CLIENT}", "--", *argv]

    def start(self):
        os.makedirs("/run/sshd", exist_ok=True)
        self.sshd = subprocess.Popen(
            ["nsenter", f"--net=/run/netns/{SERVER}", "--", shutil.which("sshd"), "-D", "-e",
             "-f", f"{self.work}/server"], stderr=subprocess.PIPE)
        while b"listening" not in self.sshd.stderr.readline():
            if self.sshd.poll() is not None:
                sys.exit("stream.py: sshd did not start")

    def stop_sshd(self):
        self.sshd.send_signal(signal.SIGTERM)
        self.sshd.wait()
        self.sshd.stderr.close()

    def end(self):
        for p in (self.sshd, self.wire):
            if p and p.poll() is None:
                p.terminate()
                p.wait()
        for ns in (SERVER, CLIENT):
            subprocess.run(["ip", "netns", "del", ns], check=False)


CHROOT = ("mount -t proc proc $0/proc; mount --rbind /dev $0/dev; mount --bind /tmp $0/tmp;"
          " root=$0; exec $LEAST chroot $root \"$@\"")
MOUNT = ("mkdir -p $0; sshfs -F $1 cloud:$2 $0 -o ro$3; m=$0; shift 3; \"$@\"; s=$?; "
         "umount -l $m; exit $s")


class Bench:
    def __init__(self, bindir, tests, line, root, work):
        self.exec, self.line, self.root, self.work = f"{bindir}/cde-exec", line, root, work
        self.floor = f"{tests}/floor"
        self.env = dict(os.environ, CDE_SSH=f"ssh -F {work}/client", LC_ALL="C.UTF-8",
                        CDE_EXEC=self.exec)
        self.url = f"sftp://cloud{root}"
        self.profiles = f"{root}/.cde-profiles"
        usage = subprocess.run(["sshfs", "-h"], capture_output=True, check=False).stdout
        self.contain = ",no_contain_symlinks" if b"no_contain" in usage else ""

    def hide_profiles(self, hide):
        a, b = self.profiles, self.profiles + ".off"
        if hide and os.path.exists(a):
            os.rename(a, b)
        elif not hide and os.path.exists(b):
            os.rename(b, a)

    def publish(self, cmd):
        run("sh", CLOUD, "profile", self.root, "--", *cmd, env=self.env,
            stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, cwd="/tmp")
        with open(f"{self.profiles}/{cmd[0]}", encoding="utf-8") as f:
            names = [x.strip()[1:] for x in f if x[0] == "/" and not x.endswith("/\n")]
        names = [n for n in names if os.path.isfile(f"{self.root}/{n}")]
        with open(f"{self.work}/names", "w", encoding="utf-8") as f:
            f.write("\n".join(names) + "\n")
        return len(names), sum(os.path.getsize(f"{self.root}/{n}") for n in names)

    def local(self, cmd):
        return timed(["unshare", "-m", "sh", "-c", CHROOT, self.root, *cmd], env=self.env)

    def least(self, cmd):
        return timed(["unshare", "-m", "sh", "-c", CHROOT, self.root, *cmd],
                     env=dict(self.env, LEAST=f"{self.floor} notify"))

    def bulk(self, _):
        out = f"{self.work}/bulk"
        os.mkdir(out)
        take = (f"ssh -F {self.work}/client cloud tar -C {self.root} -cf - -T - "
                f"<{self.work}/names | tar -C {out} -xf -")
        took = timed(self.line.there("sh", "-c", take))
        shutil.rmtree(out)
        return took

    def start(self, cmd):
        return timed(self.line.there(f"{self.work}/ws/cde-exec", *cmd), env=self.env,
                     cwd="/tmp")

    def cold(self, cmd):
        shutil.rmtree(f"{self.work}/ws", ignore_errors=True)
        run(*self.line.there(self.exec, "--stream-setup", self.url, f"{self.work}/ws"),
            env=self.env)
        if COMPRESS:
            with open(f"{self.work}/ws/cde.stream", "a", encoding="ascii") as f:
                f.write(f"compress={COMPRESS}\n")
        return self.start(cmd)

    def blind(self, cmd):
        self.hide_profiles(True)
        took = self.cold(cmd)
        self.hide_profiles(False)
        return took

    def gone(self, cmd):
        self.line.stop_sshd()
        took = self.start(cmd)
        self.line.start()
        return took

    def sshfs(self, cmd):
        return timed(self.line.there(
            "unshare", "-m", "sh", "-c", MOUNT, f"{self.work}/mnt", f"{self.work}/client",
            self.root, self.contain, "sh", "-c", CHROOT, f"{self.work}/mnt", *cmd),
            env=self.env)

    def rounds(self, name, cmd):
        files, size = self.publish(cmd)
        columns = {"local": self.local, "least": self.least, "bulk": self.bulk,
                   "profile": self.cold, "second": self.start, "gone": self.gone,
                   "blind": self.blind, "sshfs": self.sshfs}
        only = os.environ.get("COLUMNS_ONLY", " ".join(columns)).split()
        got = {c: [] for c in columns}
        self.local(cmd)
        for i in range(ROUNDS):
            for c in ("bulk", "profile") + ("local", "least", "second", "gone") * WARM + (
                    "blind", "sshfs"):
                if c in only and (c != "sshfs" or i < SSHFS_ROUNDS):
                    got[c].append(columns[c](cmd))
        print(f"{name:8} {files:5} {size / 1e6:6.1f} " +
              " ".join(f"{statistics.median(v):8.2f}" if v else f"{'-':>8}"
                       for v in got.values()) + "  " +
              " ".join(f"{ratio(got[a], got[b]):>9}" for a, b in RATIOS), flush=True)


RATIOS = (("profile", "bulk"), ("second", "local"), ("gone", "local"), ("blind", "sshfs"),
          ("bulk", "sshfs"), ("least", "local"))


def ratio(a, b):
    pairs = [x / y for x, y in zip(a, b)]
    return f"{statistics.median(pairs):.2f}" if pairs else "-"


def main():
    bindir, tests, root = (os.path.abspath(x) for x in sys.argv[1:4])
    missing = [p for p in ("sshd", "ssh", "sshfs", "ip", "nsenter") if not shutil.which(p)]
    if missing or os.geteuid():
        sys.exit(f"stream.py: skipped: {'needs ' + ' '.join(missing) if missing else 'not root'}")
    with open("/tmp/cde-bench.c", "w", encoding="ascii") as f:
        f.write("#include <stdio.h>\nint main(void) { puts(\"hello\"); }\n")
    work = tempfile.mkdtemp(prefix="cde-stream-",
                            dir=os.environ.get("TMPDIR", "/var/tmp"))
    line = None
    try:
        line = Line(work, f"{tests}/slowlink")
        bench = Bench(bindir, tests, line, root, work)
        print(f"{RTT} ms, {MBIT} Mbit/s; seconds, medians of {ROUNDS} rounds; goals: "
              "profile ≤ 1.1 bulk, second ≤ 1.1 local, blind ≤ 0.33 sshfs")
        print(f"{'':8} {'files':>5} {'MB':>6} " + " ".join(
            f"{c:>8}" for c in ("local", "least", "bulk", "profile", "second", "gone", "blind",
                                "sshfs"))
            + "  " + " ".join(f"{a[:4]}/{b:4}" for a, b in RATIOS))
        for name in sys.argv[4:] or PROGRAMS:
            bench.rounds(name, PROGRAMS[name])
        bench.hide_profiles(False)
    finally:
        if line:
            line.end()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
