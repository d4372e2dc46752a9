"""run.py BINDIR [WORKLOAD…]: what tracing costs, as a table of ratios to native.

Rounds are interleaved: each round runs every column once, and gives each a
ratio to the native run of the same round; the table has the medians.  The
column "1st" is the first capture, into no package, which also copies; "cde"
captures again into the same package, which only traces.  A run that fails or
prints something else than the native one (but for the order of its lines: directories
have their own) is no number: it says "fails".  The slowest columns, "1st" and
care, take part in the first two rounds only.
"""
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time

ROUNDS = int(os.environ.get("ROUNDS", "5"))
BUDGET = float(os.environ.get("BENCH_SECONDS", "420"))
LIMIT = 120
os.environ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"
os.environ["LC_ALL"] = "C.UTF-8"
for name in ("LD_PRELOAD", "PYTHONPATH", "PYTHONHOME"):
    os.environ.pop(name, None)

BUSY = r"""
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	unsigned long n = strtoul(argv[1], NULL, 0), x = 1;
	for (unsigned long i = 0; i < n; i++)
		if (argc > 2)
			x += syscall(SYS_getppid) > 0;
		else
			x = x * 6364136223846793005UL + (x >> 33) + i;
	printf("%lu\n", x);
	return 0;
}
"""


def write(name, text):
    os.makedirs(os.path.dirname(name), exist_ok=True)
    with open(name, "w", encoding="utf-8") as f:
        f.write(text)


def make_sources(d):
    for i in range(40):
        write(f"{d}/f{i}.c", f'#include <stdio.h>\n#include "all.h"\nint f{i}(void) {{ return {i}; }}\n')
    write(f"{d}/all.h", "".join(f"int f{i}(void);\n" for i in range(40)))
    write(f"{d}/Makefile", "libf.a: $(patsubst %.c,%.o,$(sort $(wildcard f*.c)))\n"
          "\t@ar rcD $@ $^\n%.o: %.c all.h\n\t@cc -c -o $@ $<\n")


def clean_objects(d):
    for name in os.listdir(d):
        if name.endswith((".o", ".a")):
            os.unlink(f"{d}/{name}")


def tree(d, dirs, files, text):
    for i in range(dirs):
        for j in range(files):
            write(f"{d}/t/d{i:03}/f{j:03}", text)


def git_history(d):
    run = lambda *a, **k: subprocess.run(a, cwd=d, check=True, **k)
    run("git", "init", "-q")
    lines = []
    for i in range(400):
        text = f"{i}\n" * 20
        lines.append(f"commit refs/heads/main\ncommitter A <a@x> {1500000000 + i} +0000\n"
                     f"data 3\nmsg\nM 644 inline f{i % 40}\ndata {len(text)}\n{text}\n")
    run("git", "fast-import", "--quiet", input="".join(lines).encode())
    run("git", "symbolic-ref", "HEAD", "refs/heads/main")
    run("git", "config", "safe.directory", "*")


def nothing(d):
    pass


def busy(d):
    write(f"{d}/busy.c", BUSY)
    subprocess.run(["cc", "-O2", "-o", "busy", "busy.c"], cwd=d, check=True)


LOOP = "i=0; while [ $i -lt 200 ]; do /bin/true; i=$((i+1)); done"
# name, prepare, command, clean (before each run)
WORKLOADS = [
    ("python start-up", nothing, ["python3", "-c", "import json"], nothing),
    ("make -j1, 40 files", make_sources, ["make", "-s", "-j1"], clean_objects),
    ("make -j2, 40 files", make_sources, ["make", "-s", "-j2"], clean_objects),
    ("find, 70 k entries", lambda d: tree(d, 693, 100, ""), ["find", "t", "-size", "-1000k"], nothing),
    ("200 fork+exec", nothing, ["sh", "-c", LOOP], nothing),
    ("CPU-bound", busy, ["./busy", "250000000"], nothing),
    ("1 M calls, no path", busy, ["./busy", "1000000", "call"], nothing),
    ("tar, 5000 files", lambda d: tree(d, 50, 100, "text\n" * 100),
     ["sh", "-c", "tar -cf - t | wc -c"], nothing),
    ("git log -p, 400", git_history, ["git", "--no-pager", "log", "-p", "--stat"], nothing),
]


def timed(argv, cwd):
    begin = time.perf_counter()
    try:
        p = subprocess.run(argv, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL, timeout=LIMIT)
    except (subprocess.TimeoutExpired, OSError):
        return LIMIT, None
    took = time.perf_counter() - begin
    return took, (p.returncode, sorted(p.stdout.splitlines()))


class Column:
    """A way of running a command: argv and cwd for it, and what to do before."""

    def __init__(self, title, argv, cwd=None, before=nothing):
        self.title, self.argv, self.cwd, self.before = title, argv, cwd, before
        self.ratios, self.failed = [], False


def columns(bindir, d, cmd, clean):
    ours, theirs = f"{d}.pkg", f"{d}.orig"

    def fresh(path):
        return lambda _: shutil.rmtree(path, ignore_errors=True)

    def replay(title, package, program):
        inside = package + "/cde-root" + d
        before = lambda _: os.path.isdir(inside) and clean(inside)
        return Column(title, [program] + cmd, inside, before)

    out = [Column("native", cmd, d)]
    out.append(Column("1st", [f"{bindir}/cde", "-q", "-o", f"{d}.first"] + cmd, d,
                      fresh(f"{d}.first")))
    out.append(Column("cde", [f"{bindir}/cde", "-q", "-o", ours] + cmd, d))
    out.append(replay("cde-exec", ours, f"{ours}/cde-exec"))
    if shutil.which("strace"):
        out.append(Column("strace", ["strace", "-f", "--seccomp-bpf", "-e", "trace=%file", "-o",
                                     "/dev/null"] + cmd, d))
    if is_original("/usr/bin/cde"):
        out.append(Column("old cde", ["/usr/bin/cde", "-o", theirs] + cmd, d))
        out.append(replay("old exec", theirs, f"{theirs}/cde-exec"))
    if shutil.which("proot"):
        out.append(Column("proot", ["proot"] + cmd, d))
    if shutil.which("care"):
        # With its seccomp filter care 2.2.1 dies of a signal on today's kernels.
        out.append(Column("care", ["env", "PROOT_NO_SECCOMP=1", "care", "-o", f"{d}.care/"] + cmd, d, fresh(f"{d}.care")))
    return out


def is_original(cde):
    if not os.access(cde, os.X_OK):
        return False
    p = subprocess.run([cde, "-V"], capture_output=True, text=True, check=False)
    return "CDE v0.1" in p.stdout + p.stderr


def cell(c):
    if c.failed or not c.ratios:
        return "fails" if c.failed else "-"
    return f"{statistics.median(c.ratios):.2f}"


def measure(bindir, top, workload, until):
    name, prepare, cmd, clean = workload
    d = f"{top}/{''.join(x if x.isalnum() else '-' for x in name)}"
    os.makedirs(d)
    prepare(d)
    cols = columns(bindir, d, cmd, clean)
    native = []
    # Once for warm caches, and to have the packages.
    for c in cols:
        clean(d)
        c.before(d)
        took, result = timed(c.argv, c.cwd)
        if c.title == "native":
            expect = result
        c.failed = result != expect
    done = 0
    while done < ROUNDS and (done < 1 or time.time() < until):
        for c in cols:
            if c.failed or (done >= 2 and c.title in ("1st", "care")):
                continue
            clean(d)
            c.before(d)
            took, result = timed(c.argv, c.cwd)
            if c.title == "native":
                base = took
                native.append(took)
            elif result != expect:
                c.failed = True
            else:
                c.ratios.append(took / base)
        done += 1
    shutil.rmtree(d, ignore_errors=True)
    for end in ("pkg", "first", "orig", "care"):
        shutil.rmtree(f"{d}.{end}", ignore_errors=True)
    return cols, statistics.median(native), done


def cpu():
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        for line in f:
            if line.startswith("model name"):
                return line.split(":")[1].strip()
    return platform.machine()


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: run.py BINDIR [WORKLOAD…]")
    bindir = os.path.realpath(sys.argv[1])
    top = os.path.join(os.path.dirname(bindir), "bench")
    shutil.rmtree(top, ignore_errors=True)
    chosen = [w for w in WORKLOADS
              if not sys.argv[2:] or any(x in w[0] for x in sys.argv[2:])]
    start = time.time()
    print(f"{time.strftime('%Y-%m-%d %H:%M')}  {cpu()}, {os.cpu_count()} CPUs, "
          f"Linux {platform.release()}, load {os.getloadavg()[0]:.2f}")
    print("ratios to native, medians of interleaved rounds; native in ms")
    head = None
    for i, w in enumerate(chosen):
        until = start + BUDGET * (i + 1) / len(chosen)
        cols, native, rounds = measure(bindir, top, w, until)
        if head is None:
            head = [c.title for c in cols]
            print(f"{'':19}{'rounds':>7}{'native':>8}" + "".join(f"{t:>9}" for t in head[1:]))
        print(f"{w[0]:19}{rounds:>7}{native * 1000:>8.0f}" +
              "".join(f"{cell(c):>9}" for c in cols[1:]), flush=True)
    print(f"{time.time() - start:.0f} s, load {os.getloadavg()[0]:.2f}")
    shutil.rmtree(top, ignore_errors=True)


if __name__ == "__main__":
    main()
