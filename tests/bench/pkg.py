"""pkg.py BINDIR [ROWS [REPORT]]: cde-pkg on a package of a million files, with its budgets;
the table is appended to REPORT.

The package has a manifest and no files: what is measured is reading, matching and
summing.  A row over its budget is marked, and the status is 1.
"""
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

ROUNDS = int(os.environ.get("ROUNDS", "5"))
MEMORY = 300  # MB


def rows(count):
    for d in range(count // 1000):
        yield f"/usr/share/d{d:04}", "d", 4096, None, None, None, None
        package = d % 300
        for f in range(1000):
            yield (f"/usr/share/d{d:04}/file{f:04}.txt", "f", (d * 7919 + f * 31) % 100000,
                   "package", f"lib{package}:amd64", f"1.{package}-1", "text")


def generate(pkg, where, count):
    os.makedirs(f"{where}/cde-root")
    subprocess.run([pkg, "scan", "-p", where], check=True, stdout=subprocess.DEVNULL)
    db = sqlite3.connect(f"{where}/manifest.db")
    db.execute("PRAGMA synchronous = OFF")
    db.executemany(
        "INSERT INTO file(path, kind, size, origin_class, origin_package, origin_version,"
        " type, state, mode, uid, gid, mtime_ns) VALUES(?,?,?,?,?,?,?,0,33188,0,0,0)",
        rows(count))
    db.execute("INSERT INTO run(id, argv, cwd) VALUES(1, 'x', '/')")
    db.execute("INSERT INTO process(id, run, parent, pid, exe, argv)"
               " VALUES(1, 1, 0, 2, '/bin/x', 'x')")
    db.execute("INSERT INTO access(file, process, kind) SELECT id, 1, 2 FROM file")
    db.commit()
    db.close()


def run(pkg, where, words):
    """Seconds, and MB at most; "|" ends after the first lines, as head does."""
    head = words[-1] == "|"
    begin = time.monotonic()
    proc = subprocess.Popen([pkg, words[0], "-p", where] + words[1:len(words) - head],
                            stdout=subprocess.PIPE if head else subprocess.DEVNULL)
    if head:
        for _ in range(10):
            proc.stdout.readline()
        proc.stdout.close()
    _, status, usage = os.wait4(proc.pid, 0)
    proc.returncode = status
    if status and not head:
        raise SystemExit(f"pkg.py: cde-pkg {' '.join(words)}: status {status}")
    return time.monotonic() - begin, usage.ru_maxrss / 1024


def report(name, title, rows):
    """A table at the end of the page that run.py wrote: what, measured, budget, memory."""
    with open(name, "a", encoding="utf-8") as f:
        f.write(f"\n{title}\n\n| | measured | budget | MB |\n|---|---|---|---|\n")
        for what, measured, budget, memory in rows:
            f.write(f"| {what} | {measured} | {budget} | {memory} |\n")


def measure(pkg, where, words):
    """Median of the seconds, and MB at most; what is staged is taken back each time."""
    runs = []
    for _ in range(ROUNDS):
        runs.append(run(pkg, where, words))
        if "--stage" in words:
            run(pkg, where, ["edit", "--discard"])
    return sorted(runs)[len(runs) // 2][0], max(r[1] for r in runs)


def main():
    pkg = os.path.abspath(sys.argv[1]) + "/cde-pkg"
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000000
    table = [  # command, seconds it may take: the promises, and what would be a fault
        (["ls", "|"], 0.2),
        (["ls", "--format", "json", "|"], 0.2),
        (["du", "--by", "package"], 2),
        (["du", "--by", "process"], 5),
        (["ls", "file0500", "size>99000"], 2),
        (["ls", "--sort", "size", "|"], 5),
        (["ls", "--tree", "--depth", "2"], 5),
        (["status"], 5),
        # 100,000 files: directories, and by a filter
        (["drop", "--stage"] + [f"/usr/share/d{d:04}" for d in range(100)], 0.5),
        (["drop", "--stage", "path:/usr/share/d00*"], 0.5),
    ]
    where = tempfile.mkdtemp(prefix="cde-bench-pkg-")
    title = f"cde-pkg, {count} files, {platform.machine()}, median of {ROUNDS}"
    lines, bad = [], False
    try:
        generate(pkg, where + "/p", count)
        print(f"{title}\n{'command':40}{'seconds':>9}{'budget':>9}{'MB':>6}")
        for words, budget in table:
            seconds, memory = measure(pkg, where + "/p", words)
            over = seconds > budget or memory > MEMORY
            bad |= over
            words = words if len(words) < 9 else words[:3] + ["..."]
            name = " ".join(words).replace("|", "| head")
            print(f"{name:40}{seconds:9.2f}{budget:9.1f}{memory:6.0f}{'  over' if over else ''}",
                  flush=True)
            lines.append((f"`{name}`".replace("|", "\\|"),
                          f"{seconds:.2f} s{' (over)' if over else ''}",
                          f"{budget} s, {MEMORY} MB", f"{memory:.0f}"))
    finally:
        shutil.rmtree(where)
    if len(sys.argv) > 3:
        report(sys.argv[3], title, lines)
    return bad


if __name__ == "__main__":
    sys.exit(main())
