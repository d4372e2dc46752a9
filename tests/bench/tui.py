#!/usr/bin/python3
"""tui.py BUILD [FILES [REPORT]]: cde-tui on a package of a million entries (product of
tests/harness/fixture.c): time to the first screen, for keys, memory, bytes to the
terminal.  A key is timed from writing it to the drawing that the program says is
complete (CDE_TUI_SYNC).  Memory is the most that was resident so far (VmHWM, which has
pages of programs and libraries in it), in 10^6 bytes, in the states that take most: all in
one list, sorted; each file marked, dropped, undone, done again; risks of all looked for; all
files of a group listed.  The table is appended to REPORT."""
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
import time

import pkg

class Tui:
    def __init__(self, program, package):
        self.buf = b""
        self.start = time.monotonic()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8", CDE_TUI_SYNC="1")
            for name in ("LINES", "COLUMNS"):
                os.environ.pop(name, None)
            os.execv(program, ["cde-tui", package])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        while b"1 Files" not in self.buf:
            self.read()
        self.first = time.monotonic() - self.start
        while self.idle() < 0:
            self.read()
        self.sent = self.idle()

    def read(self):
        self.buf += os.read(self.fd, 65536)

    def idle(self):
        found = re.findall(rb"7999;idle=(\d+)", self.buf[-4096:])
        return int(found[-1]) if found else -1

    def shown(self):
        """As idle, also while something goes on beside."""
        found = re.findall(rb"7999;(?:idle|shown)=(\d+)", self.buf[-4096:])
        return int(found[-1]) if found else -1

    def key(self, keys, shown=False):
        """Milliseconds and bytes; until all is done, or until it is shown."""
        self.buf = self.buf[-4096:]
        before, start = len(self.buf), time.monotonic()
        os.write(self.fd, keys)
        self.sent += 1
        while (self.shown if shown else self.idle)() < self.sent:
            self.read()
        return (time.monotonic() - start) * 1000, len(self.buf) - before

    def silence(self, keys, text):
        """Milliseconds until the text is there, and the longest time without a drawing."""
        seen, start, longest = b"", time.monotonic(), 0
        last = start
        os.write(self.fd, keys)
        self.sent += 1
        while text not in seen:
            got = os.read(self.fd, 65536)
            seen, self.buf = seen + got, self.buf + got
            longest, last = max(longest, time.monotonic() - last), time.monotonic()
        self.buf = seen[-4096:]  # it may say that all is done
        return (last - start) * 1000, longest * 1000

    def memory(self):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as f:
            return int(re.search(r"VmHWM:\s+(\d+)", f.read())[1]) * 1024 / 1e6

    def quit(self):
        os.write(self.fd, b"QQ")  # the first asks, if something is staged
        try:
            while os.read(self.fd, 65536):
                pass
        except OSError:
            pass
        os.waitpid(self.pid, 0)


def percentile(values, share):
    return sorted(values)[int(len(values) * share)]


def first_screen(program, package):
    """Median of five, in milliseconds; the first fills the file cache."""
    Tui(program, package).quit()
    took = []
    for _ in range(5):
        t = Tui(program, package)
        took.append(t.first * 1000)
        t.quit()
    return percentile(took, 0.5)


def worst_memory(t, add):
    """In the states of which each needs more than the one before, all in one session."""
    def keys(*all_of_them):
        for k in all_of_them:
            t.key(k)

    memory = lambda what: add(f"memory at most, {what}", t.memory(), "MB", 150)
    memory("opened")
    keys(b"t", b"s", b"s", b"s", b"n", b"s", b"t")  # by size, name, type
    keys(*[bytes([c]) for c in b"/file9999\r"], *[bytes([c]) for c in b"ffile99"],
         b"\x1b", b"\x1b")
    memory("flat, sorted, filtered")
    keys(b"A", b"d", b"6", b"W", b"\x1b", b"u", b"\x12", b"1", b"s", b"n")
    memory("each dropped, undone, redone")
    keys(b"A", b"r", b"u", b"u", b"A", b"d")
    memory("each kept, undone, dropped again")
    for screen in (b"2", b"3"):
        keys(screen, *[b"l", b"j"] * 6)
    memory("in groups")
    t.quit()


def session(t, add):
    for k in (b"l", b"j", b"l"):
        t.key(k)
    keys = [b"j", b"k", b"\x06", b"\x02", b"l", b"h", b"G", b"g", b"[", b"]", b" "]
    timed = [t.key(k)[0] for k in keys * 30]
    add("a key, median", percentile(timed, 0.5), "ms", 16)
    add("a key, 95th percentile", percentile(timed, 0.95), "ms", 16)
    moves = [t.key(k)[1] for k in [b"j", b"k"] * 20]
    add("bytes for a cursor move", percentile(moves, 0.5), "bytes", 400)
    t.key(b"g")
    for name, k in (("expand all", b"*"), ("sort by name", b"sn")):
        add(name, sum(t.key(bytes([c]))[0] for c in k), "ms", 300)
    t.key(b"f")
    add("a letter of a filter, until it is through",
        max(t.key(bytes([c]))[0] for c in b"file99"), "ms", None)
    for k in (b"\x1b", b"\x1b", b"g"):
        t.key(k)
    add("flat list", t.key(b"t")[0], "ms", 300)
    timed = [t.key(k, shown=True)[0] for k in [b"j", b"d", b"j", b"d", b"u", b"u"] * 10]
    add("drop and undo in it, 95th percentile", percentile(timed, 0.95), "ms", 16)
    t.key(b"A")
    for name, k, text in (("drop", b"d", b"staged:"), ("undo", b"u", b"undone")):
        took, longest = t.silence(k, text)
        add(f"{name} of all, each marked", took, "ms", None)
        add("  and longest without a drawing", longest, "ms", 500)
    while t.idle() < t.sent:
        t.read()
    t.key(b"\x1b")
    t.key(b"t")
    for k in b"ggj":
        t.key(bytes([k]))
    add("drop of all", t.key(b"d", shown=True)[0], "ms", 200)
    for name, k in (("box of W for that", b"W"), ("its changes", b"6")):
        add(name, t.key(k, shown=True)[0], "ms", 16)
        t.key(b"\x1b")
    t.quit()


def main():
    build = os.path.abspath(sys.argv[1])
    files = sys.argv[2] if len(sys.argv) > 2 else "1000000"
    title, lines = f"cde-tui, {files} entries", []
    print(title)

    def add(what, value, unit, budget):
        over = budget is not None and value > budget
        text = f"{value:.{0 if value >= 20 else 1}f} {unit}"
        print(f"  {what:44}{text:>12}  {f'(budget {budget})' if budget else ''}"
              f"{'  over' if over else ''}", flush=True)
        lines.append((what, text + (" (over)" if over else ""),
                      f"{budget} {unit}" if budget else "", ""))

    with tempfile.TemporaryDirectory() as work:
        package = work + "/big"
        subprocess.run([build + "/tests/fixture", "big", package, files], check=True)
        os.sync()  # else each act waits for the disk to write what is being made here
        add("open to the first screen", first_screen(build + "/bin/cde-tui", package), "ms",
            1000)
        session(Tui(build + "/bin/cde-tui", package), add)
        subprocess.run(["rm", "-rf", package], check=True)  # with its log of edits
        subprocess.run([build + "/tests/fixture", "big", package, files], check=True)
        worst_memory(Tui(build + "/bin/cde-tui", package), add)
    if len(sys.argv) > 3:
        pkg.report(sys.argv[3], title, lines)


main()
