#!/usr/bin/python3
"""tui.py BUILD [FILES]: cde-tui on a package of a million entries (product of
tests/harness/fixture.c): time to the first screen, for keys, memory, bytes to the
terminal.  A key is timed from writing it to the drawing that the program says is
complete (CDE_TUI_SYNC)."""
import fcntl
import os
import pty
import re
import resource
import struct
import subprocess
import sys
import tempfile
import termios
import time


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

    def key(self, keys):
        """Milliseconds and bytes."""
        self.buf = self.buf[-4096:]
        before, start = len(self.buf), time.monotonic()
        os.write(self.fd, keys)
        self.sent += 1
        while self.idle() < self.sent:
            self.read()
        return (time.monotonic() - start) * 1000, len(self.buf) - before

    def memory(self):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as f:
            return int(re.search(r"VmHWM:\s+(\d+)", f.read())[1]) / 1024

    def quit(self):
        os.write(self.fd, b"Q")
        try:
            while os.read(self.fd, 65536):
                pass
        except OSError:
            pass
        os.waitpid(self.pid, 0)


def main():
    build = os.path.abspath(sys.argv[1])
    files = sys.argv[2] if len(sys.argv) > 2 else "1000000"
    with tempfile.TemporaryDirectory() as work:
        package = work + "/big"
        subprocess.run([build + "/tests/fixture", "big", package, files], check=True)
        Tui(build + "/bin/cde-tui", package).quit()  # the file cache is warm now
        t = Tui(build + "/bin/cde-tui", package)
        print(f"cde-tui, {files} entries")
        print(f"  open to the first screen   {t.first * 1000:8.0f} ms   (budget 1000)")
        t.key(b"l")
        t.key(b"j")
        t.key(b"l")
        keys = [b"j", b"k", b"\x06", b"\x02", b"l", b"h", b"G", b"g", b"[", b"]", b" "]
        timed = sorted(t.key(k) for k in keys * 30)
        print(f"  a key, median              {timed[len(timed) // 2][0]:8.1f} ms")
        print(f"  a key, 95th percentile     {timed[len(timed) * 95 // 100][0]:8.1f} ms"
              "   (budget 16)")
        moves = sorted(t.key(k)[1] for k in [b"j", b"k"] * 20)
        print(f"  bytes for a cursor move    {moves[len(moves) // 2]:8d}      (budget 400)")
        t.key(b"g")
        for name, k in (("expand all", b"*"), ("sort by name", b"sn")):
            ms = sum(t.key(bytes([c]))[0] for c in k)
            print(f"  {name:26} {ms:8.0f} ms   (budget 300)")
        print(f"  memory                     {t.memory():8.0f} MiB  (budget 150)")
        t.key(b"f")
        ms = [t.key(bytes([c]))[0] for c in b"file99"]
        print(f"  filter, a letter, to its end {max(ms):6.0f} ms")
        t.key(b"\r")
        t.quit()
    print(f"  (all of it: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime:.1f} s of CPU)")


main()
