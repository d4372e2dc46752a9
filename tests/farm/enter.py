"""Running a command on another machine, by the program enter (enter.c)."""
import os
import subprocess
import time

import farm

PATHS = "PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games:/usr/sbin:/sbin"


class Result:
    """What a run left: status (None: too long), seconds, user, system; out and err are bytes."""

    def __init__(self, status, out, err, numbers):
        self.status, self.out, self.err = status, out, err
        self.seconds, self.user, self.system = numbers

    def text(self):
        return self.err.decode(errors="replace")


class Machine:
    """A root (changed only with keep=True), and what is mounted in it.  For `with`."""

    def __init__(self, root, keep=False):
        self.scratch = farm.scratch()
        self.dir = self.scratch.name
        self.upper = None if keep else self.dir + "/0/upper"  # what was written
        self.argv = ["--root", root, "-" if keep else self.new_dir()]
        self.env = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.scratch.cleanup()

    def new_dir(self, owner=None):
        """An empty directory that lives as long as the machine."""
        name = os.path.join(self.dir, str(len(os.listdir(self.dir))))
        os.mkdir(name, 0o755)
        if owner is not None:
            os.chown(name, owner, owner)
        return name

    def bind(self, src, dst, flags="rw"):
        self.argv += ["--bind", src, dst, flags]

    def overlay(self, src, dst, flags="rw"):
        """Returns the directory in which what is written appears."""
        name = self.new_dir()
        self.argv += ["--overlay", src, name, dst, flags]
        return os.path.join(name, "upper")

    def user(self, name, home, uid=farm.UID):
        self.argv += ["--user", name, str(uid), home]
        self.env |= {"HOME": home, "USER": name, "LOGNAME": name}

    def option(self, *words):
        self.argv += words

    def command(self, argv, cwd, env=()):
        words = [f"{k}={v}" for k, v in (self.env | dict(env)).items()] + [PATHS]
        return ([os.path.join(farm.BIN, "enter")] + self.argv + ["--dir", cwd] +
                [y for x in words for y in ("--env", x)] + ["--"] + argv)

    def run(self, argv, cwd="/", limit=60, env=()):
        read, write = os.pipe()
        words = self.command(argv, cwd, env)
        words[1:1] = ["--report", str(write)]
        began = time.monotonic()
        with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, pass_fds=[write], cwd="/") as p:
            os.close(write)
            try:
                out, err = p.communicate(timeout=limit)
                status = p.returncode
            except subprocess.TimeoutExpired:
                p.kill()  # its init dies with it, and all below that
                out, err = p.communicate()
                status = None
        with os.fdopen(read, encoding="ascii") as f:
            numbers = [int(x) for x in f.read().split()]
        if status == 99 and not numbers:
            raise farm.Trouble(farm.last_line(err.decode(errors="replace")))
        if status is None or not numbers:
            return Result(status, out, err, (time.monotonic() - began, 0, 0))
        wall, user, system = numbers[1] / 1e9, numbers[2] / 1e6, numbers[3] / 1e6
        return Result(status, out, err, (wall, user, system))
