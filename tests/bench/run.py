"""run.py BINDIR [REPORT [WORKLOAD…]]: what tracing costs, as a table of ratios to native.

Rounds are interleaved: each round runs every column once, and gives each a
ratio to the native run of the same round; the table has the medians.  Of what is
over soon (QUICK) there are more rounds, without the columns of other packagers.  The
column "1st" is the first capture, into no package, which also copies; the other columns
of cde capture again into the same package, which only traces.  cde-exec runs in the
package, but for "seamless": on the files of this machine, by the engine that it takes
for that.  "least" is what such an engine cannot be without (floor.c): a supervisor that
lets every call go on without a look at it, a mount namespace in which nothing is
mounted.  A run that fails or prints something else than the native one (but for the
order of its lines: directories have their own) is no number: it says "fails".

REPORT: a file for the tables, in Markdown; "-": none.
"""
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from workloads import WORKLOADS, nothing

ROUNDS = int(os.environ.get("ROUNDS", "5"))
MORE_ROUNDS, MORE_SECONDS = 5 * ROUNDS, 8 * ROUNDS  # as many as that, while there is time
QUICK = 2  # seconds: of what takes longer there are no more rounds
LIMIT = 300
SLOW = 8  # seconds: what takes longer is run once, and its cell says so with a ~
os.environ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"
os.environ["LC_ALL"] = "C.UTF-8"
for name in ("LD_PRELOAD", "PYTHONPATH", "PYTHONHOME"):
    os.environ.pop(name, None)


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

    def __init__(self, title, argv, cwd=None, before=nothing, more=True):
        self.title, self.argv, self.cwd, self.before = title, argv, cwd, before
        self.ratios, self.failed, self.once, self.more = [], False, False, more


def columns(bindir, d, cmd, clean):
    ours, theirs = f"{d}.pkg", f"{d}.orig"

    # Not deleted before the end: ext4 leaves inodes alone for minutes after that, and
    # looks at each of them for each new file, which takes longer than all the rest.
    def fresh(path):
        return lambda _: os.path.exists(path) and os.rename(
            path, tempfile.mkdtemp(prefix="", dir=f"{os.path.dirname(d)}/old"))

    def capture(title, package, engine, before=nothing):
        return Column(title, [f"{bindir}/cde", "-q", "--engine", engine, "-o", package] + cmd,
                      d, before)

    def replay(title, package, program, more=True, cwd=None):
        inside = package + "/cde-root" + d
        before = lambda _: os.path.isdir(inside) and clean(inside)
        return Column(title, program + cmd, cwd or inside, before, more)

    floor = f"{os.path.dirname(bindir)}/tests/floor"
    out = [Column("native", cmd, d),
           capture("cde 1st", f"{d}.first", "ptrace", fresh(f"{d}.first")),
           capture("cde ptrace", ours, "ptrace"),
           capture("cde notify", ours, "notify"),
           Column("least notify", [floor, "notify"] + cmd, d)]
    for engine in ("ptrace", "namespace"):
        out.append(replay(f"exec {engine}", ours, [f"{ours}/cde-exec", "--engine", engine]))
    out.append(replay("exec seamless", ours, [f"{ours}/cde-exec"], cwd=d))
    out.append(Column("least namespace", [floor, "namespace"] + cmd, d))
    if shutil.which("strace"):
        out.append(Column("strace", ["strace", "-f", "--seccomp-bpf", "-e", "trace=%file", "-o",
                                     "/dev/null"] + cmd, d))
    if is_original("/usr/bin/cde"):
        out.append(Column("old cde", ["/usr/bin/cde", "-o", theirs] + cmd, d, more=False))
        out.append(replay("old exec", theirs, [f"{theirs}/cde-exec"], more=False))
    if shutil.which("proot"):
        out.append(Column("proot", ["proot"] + cmd, d, more=False))
    if shutil.which("care"):
        # With its seccomp filter care 2.2.1 dies of a signal on today's kernels.
        out.append(Column("care", ["env", "PROOT_NO_SECCOMP=1", "care", "-o", f"{d}.care/"] + cmd,
                          d, fresh(f"{d}.care"), more=False))
    return out


def is_original(cde):
    if not os.access(cde, os.X_OK):
        return False
    p = subprocess.run([cde, "-V"], capture_output=True, text=True, check=False)
    return "CDE v0.1" in p.stdout + p.stderr


def cell(c):
    if c.failed or not c.ratios:
        return "fails" if c.failed else "-"
    return f"{'~' if c.once else ''}{statistics.median(c.ratios):.2f}"


def run_column(c, d, clean):
    clean(d)
    for name in ("cde.options", "cde.log"):  # the original leaves them, ours would read them
        if os.path.exists(f"{d}/{name}"):
            os.unlink(f"{d}/{name}")
    c.before(d)
    return timed(c.argv, c.cwd)


def measure(bindir, top, workload):
    name, prepare, cmd, clean = workload
    d = f"{top}/{''.join(x if x.isalnum() else '-' for x in name)}"
    os.makedirs(d)
    os.makedirs(f"{top}/old", exist_ok=True)
    prepare(d)
    cols = columns(bindir, d, cmd, clean)
    native = []
    # Once for warm caches, and to have the packages.
    for c in cols:
        took, result = run_column(c, d, clean)
        if c.title == "native":
            base, expect = took, result
        c.failed = result != expect
        c.once = took > SLOW
        c.more = c.more and took <= QUICK
        if c.once:
            c.ratios.append(took / base)
    for n in range(MORE_ROUNDS):
        if n == ROUNDS:
            begin = time.time()
        if n >= ROUNDS and time.time() - begin > MORE_SECONDS:
            break
        for c in cols:
            if c.failed or c.once or (n >= ROUNDS and not c.more):
                continue
            took, result = run_column(c, d, clean)
            if c.title == "native":
                base = took
                native.append(took)
            elif result != expect:
                c.failed = True
            else:
                c.ratios.append(took / base)
    return cols, statistics.median(native)


def cpu():
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        for line in f:
            if line.startswith("model name"):
                return line.split(":")[1].strip()
    return platform.machine()


def machine():
    return (f"{time.strftime('%Y-%m-%d %H:%M')}, {cpu()}, {os.cpu_count()} CPUs, "
            f"Linux {platform.release()}, load {os.getloadavg()[0]:.2f}")


def report(name, began, rows):
    """The same numbers as a page."""
    with open(name, "w", encoding="utf-8") as f:
        titles = [c.title for c in rows[0][1]]
        f.write("# Benchmarks\n\nWritten by `make bench`; do not edit.\n\n"
                f"{began}\n\nRatios to native, medians of interleaved rounds: {ROUNDS}, and of "
                f"what is over soon up to {MORE_ROUNDS} without other packagers; native in "
                "milliseconds.  `1st`: the first capture, which also copies.  `seamless`: from "
                "outside of the package.  `least`: what such an engine cannot be without.  "
                f"~: took more than {SLOW} s and was run once.\n\n")
        f.write("| | " + " | ".join(titles) + " |\n" + "|---" * (len(titles) + 1) + "|\n")
        for w, cols, native in rows:
            f.write(f"| {w} | {native * 1000:.0f} | " +
                    " | ".join(cell(c) for c in cols[1:]) + " |\n")
        f.write("\nTime that capture adds, as a share of what strace adds:\n\n"
                "| | ptrace | notify | least notify |\n|---|---|---|---|\n")
        for w, cols, _ in rows:
            by = {c.title: c for c in cols}
            f.write(f"| {w} | {share(by, 'cde ptrace')} | {share(by, 'cde notify')} | "
                    f"{share(by, 'least notify')} |\n")


def share(by, title):
    """Median over the rounds of added time / strace's added time."""
    ours, theirs = by[title], by.get("strace")
    if not theirs or not ours.ratios or not theirs.ratios or ours.failed or theirs.failed:
        return "-"
    if ours.once or theirs.once:
        return f"~{(statistics.median(ours.ratios) - 1) / (statistics.median(theirs.ratios) - 1):.2f}"
    return f"{statistics.median((a - 1) / (b - 1) for a, b in zip(ours.ratios, theirs.ratios)):.2f}"


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: run.py BINDIR [REPORT [WORKLOAD…]]")
    bindir = os.path.realpath(sys.argv[1])
    out = sys.argv[2] if len(sys.argv) > 2 else "-"
    top = os.path.join(os.path.dirname(bindir), "bench")
    shutil.rmtree(top, ignore_errors=True)
    chosen = [w for w in WORKLOADS
              if not sys.argv[3:] or any(x in w[0] for x in sys.argv[3:])]
    start, began, rows = time.time(), machine(), []
    print(f"{began}\nratios to native, medians of {ROUNDS} to {MORE_ROUNDS} interleaved rounds; "
          "native in ms")
    for w in chosen:
        cols, native = measure(bindir, top, w)
        if not rows:
            print(f"{'':19}" + "".join(f"{c.title:>16}" for c in cols))
        rows.append((w[0], cols, native))
        print(f"{w[0]:19}{native * 1000:>16.0f}" + "".join(f"{cell(c):>16}" for c in cols[1:]),
              flush=True)
    print(f"{time.time() - start:.0f} s, load {os.getloadavg()[0]:.2f}")
    if out != "-":
        report(out, began, rows)
    shutil.rmtree(top, ignore_errors=True)


if __name__ == "__main__":
    main()
