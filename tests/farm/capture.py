"""An application, run natively and captured in its origin.

packages/ORIGIN/APP/ holds
    prepared/       the work directory as prepare() left it
    native/first/   what the task gave: stdout, status, out/; also native/second/
    package/        the package
    record.json     what is known about it
"""
import contextlib
import os
import re
import time

import farm
import roots
from enter import Machine

HOME = "/home/user"
OUT = "/home/packages"
ENV = {"LC_ALL": "C.UTF-8", "TERM": "xterm"}


class Failed(Exception):
    """The application does not do natively, or under cde, what it should."""


class Capture:
    """One application in one origin."""

    def __init__(self, app, origin):
        self.app, self.origin = app, origin
        self.dir = farm.path("packages", origin, app.name)
        self.work = f"{HOME}/{app.name}"
        self.package = self.dir + "/package"
        self.root = farm.path("origins", origin)
        self.record = farm.load(self.dir + "/record.json", {})

    def key(self):
        return farm.digest(self.app.file, farm.BIN + "/cde", farm.BIN + "/cde-exec",
                           roots.identity(self.root))

    def fresh(self):
        return self.record.get("key") == self.key() and "failed" not in self.record

    def machine(self):
        m = Machine(self.root)
        m.user("user", HOME)
        return m

    @contextlib.contextmanager
    def in_origin(self):
        """The machine, and the work directory as prepared, seen from outside."""
        with self.machine() as m:
            work = m.new_dir()
            os.rmdir(work)
            farm.copy_tree(self.dir + "/prepared", work)
            m.bind(work, self.work)
            yield m, work

    def ready(self, anew=False):
        """Makes what is not there, or all of it; the record, or Failed."""
        if anew or not self.fresh():
            farm.remove(self.dir)
            os.makedirs(self.dir)
            self.record = {"key": self.key(), "date": time.strftime("%Y-%m-%d %H:%M")}
            try:
                self.prepare()
                self.native()
                self.capture()
            except Failed as e:
                self.record["failed"] = str(e)
                raise
            finally:
                farm.save(self.dir + "/record.json", self.record)
        return self.record

    def prepare(self):
        work = self.dir + "/prepared"
        os.makedirs(work)
        os.chown(work, farm.UID, farm.UID)
        with self.machine() as m:
            m.bind(work, self.work)
            m.bind(os.path.dirname(self.app.file), "/farm", "ro")
            script = f". /farm/{self.app.name}.sh; command -v prepare >/dev/null || exit 0; prepare"
            r = m.run(["/bin/sh", "-euc", script], self.work, 5 * self.app.limit, ENV)
        if r.status != 0:
            raise Failed(f"prepare: {ended(r)}: {farm.last_line(r.text())}")
        os.makedirs(work + "/out", exist_ok=True)
        os.chown(work + "/out", farm.UID, farm.UID)

    def native(self):
        for task in ("first", "second"):
            command = getattr(self.app, task)
            if not command:
                continue
            with self.in_origin() as (m, work):
                before = listing(work)
                r = m.run(["/bin/sh", "-c", command], self.work, self.app.limit, ENV)
                keep_result(f"{self.dir}/native/{task}", r, work + "/out")
                if r.status != 0:
                    raise Failed(f"natively, {task}: {ended(r)}: {farm.last_line(r.text())}")
                self.record[task] = {"seconds": r.seconds, "writes": listing(work) != before}

    def capture(self):
        with self.in_origin() as (m, work):
            out = self.dir + "/new"
            os.makedirs(out)
            os.chown(out, farm.UID, farm.UID)
            m.bind(out, OUT)
            r = self.run_cde(m, ["--why"])
            keep_result(self.dir + "/captured", r, work + "/out")
        if r.status is None:
            raise Failed(f"capture: not finished after {4 * self.app.limit} s")
        why = self.app.compare(self.dir + "/native/first", self.dir + "/captured")
        if why:
            raise Failed(f"capture: {why}; stderr: {farm.last_line(r.text())}")
        os.rename(out + "/" + self.app.name, self.package)
        os.rmdir(out)
        m = re.search(r"^cde: engine: ([\w-]+) \((.*)\)$", r.text(), re.M)
        size, files = count(self.package)
        self.record |= {"engine": m[1] if m else "?", "engine_why": m[2] if m else "",
                        "size": size, "files": files, "capture_seconds": r.seconds}

    def run_cde(self, m, options=()):
        """Where a farm's programs are mounted at /farm, and OUT is."""
        m.bind(farm.BIN, "/farm", "ro")
        return m.run(["/farm/cde", *options, "-o", f"{OUT}/{self.app.name}", "sh", "-c",
                      self.app.first], self.work, 4 * self.app.limit, ENV)


def ended(r):
    return f"not finished after {r.seconds:.0f} s" if r.status is None else f"status {r.status}"


def keep_result(to, result, out):
    """As compare() of an application sees it: stdout, status, out/; TO.stderr beside it."""
    forget_result(to)
    os.makedirs(to)
    with open(to + ".stderr", "wb") as f:
        f.write(result.err)
    with open(to + "/stdout", "wb") as f:
        f.write(result.out)
    with open(to + "/status", "w", encoding="ascii") as f:
        f.write(f"{'too long' if result.status is None else result.status}\n")
    if os.path.isdir(out):
        farm.copy_tree(out, to + "/out")
    else:
        os.mkdir(to + "/out")


def forget_result(to):
    farm.remove(to)
    if os.path.exists(to + ".stderr"):
        os.unlink(to + ".stderr")


def listing(top):
    """What is below a directory: names, sizes and times."""
    found = []
    for d, _, names in os.walk(top):
        for x in names:
            st = os.lstat(os.path.join(d, x))
            found.append((d[len(top):], x, st.st_size, st.st_mtime_ns))
    return sorted(found)


def count(top):
    """Bytes and number of files of a tree."""
    size = files = 0
    for d, _, names in os.walk(top):
        for x in names:
            size += os.lstat(os.path.join(d, x)).st_size
            files += 1
    return size, files
