"""pkg.py BINDIR [ROWS]: cde-pkg on a package of a million files, with its budgets.

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
    seconds = time.monotonic() - begin
    if "--stage" in words:
        subprocess.run([pkg, "edit", "--discard", "-p", where], check=True,
                       stdout=subprocess.DEVNULL)
    return seconds, usage.ru_maxrss / 1024


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
        # 100,000 files: directories, and one by one
        (["drop", "--stage"] + [f"/usr/share/d{d:04}" for d in range(100)], 0.5),
        (["drop", "--stage", "path:/usr/share/d00*"], 2),
    ]
    where = tempfile.mkdtemp(prefix="cde-bench-pkg-")
    bad = False
    try:
        generate(pkg, where + "/p", count)
        print(f"cde-pkg, {count} files, {platform.machine()}, median of {ROUNDS}")
        print(f"{'command':34}{'seconds':>9}{'budget':>9}{'MB':>6}")
        for words, budget in table:
            runs = sorted(run(pkg, where + "/p", words) for _ in range(ROUNDS))
            seconds, memory = runs[len(runs) // 2][0], max(r[1] for r in runs)
            over = seconds > budget or memory > MEMORY
            bad |= over
            words = words if len(words) < 9 else words[:3] + ["..."]
            print(f"{' '.join(words).replace('|', '| head'):34}{seconds:9.2f}{budget:9.1f}"
                  f"{memory:6.0f}{'  over' if over else ''}")
    finally:
        shutil.rmtree(where)
    return bad


sys.exit(main())
