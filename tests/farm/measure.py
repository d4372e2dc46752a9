"""What capture and execution cost: interleaved runs on the origin, medians of ratios."""
import os
import re
import statistics
import time

import farm
from capture import ENV, HOME, OUT
from cell import OTHER

ROUNDS = 3
# A warm-up, then at least ROUNDS, and more (up to MOST) until this many seconds are spent.
SPEND = 20
MOST = 9
ENGINES = ("namespace", "ptrace")
COUNTS = HOME + "/.calls"
TABLE = os.path.join(farm.TOP, "engine/trace/sys.def")


def path_calls():
    """Names of the calls that carry paths: those of the engine's own table."""
    with open(TABLE, encoding="utf-8") as f:
        return set(re.findall(r"^SYS\((\w+),\s*PE?\s*\(", f.read(), re.M))


class Column:
    """A way of running the first task: run() gives seconds, or None when it fails."""

    def __init__(self, title, run):
        self.title, self.run, self.seconds, self.failed = title, run, [], False


class Measure:
    """All numbers of one application."""

    def __init__(self, capture):
        self.capture, self.app = capture, capture.app

    def key(self):
        return farm.digest(self.capture.record["key"], os.path.join(farm.HERE, "measure.py"))

    def result(self):
        name = f"measure,{self.app.name}"
        found = farm.known(name, self.key())
        if not found:
            found = {"app": self.app.name, "load": os.getloadavg()[0],
                     "size": self.capture.record["size"], "files": self.capture.record["files"],
                     **self.times(), **self.calls(), **self.start_up()}
            farm.keep(name, found, self.key())
        return found

    def native(self):
        with self.capture.in_origin() as (m, _):
            r = m.run(["/bin/sh", "-c", self.app.first], self.capture.work, self.app.limit, ENV)
        return r.seconds if r.status == 0 else None

    def captured(self, package):
        """Into the directory `package`: a fresh one is a first capture."""
        os.makedirs(package, exist_ok=True)
        os.chown(package, farm.UID, farm.UID)
        with self.capture.in_origin() as (m, _):
            m.bind(package, OUT)
            r = self.capture.run_cde(m, ["-q"])
        return r.seconds if r.status == 0 else None

    def first_capture(self):
        with farm.scratch() as d:
            return self.captured(d + "/p")

    def replayed(self, engine, words):
        package = f"{OTHER}/packages/{self.app.name}"
        with self.capture.machine() as m:
            m.overlay(self.capture.package, package)
            r = m.run([package + "/cde-exec", "--engine", engine, *words],
                      f"{package}/cde-root{HOME}/{self.app.name}", 8 * self.app.limit,
                      {"TERM": "xterm"})
        return r.seconds if r.status == 0 else None

    def times(self):
        again = self.capture.dir + "/again"
        farm.remove(again)
        task = ["sh", "-c", self.app.first]
        columns = [Column("native", self.native),
                   Column("first capture", self.first_capture),
                   Column("capture", lambda: self.captured(again)),
                   *(Column(x, lambda x=x: self.replayed(x, task)) for x in ENGINES)]
        rounds(columns, ROUNDS, SPEND)
        farm.remove(again)
        native = columns[0].seconds
        return {"native": statistics.median(native), "rounds": len(native)} | {
            x.title: ratio(x, native) for x in columns[1:]}

    def start_up(self):
        """Milliseconds that an engine needs before a program runs."""
        empty = ["sh", "-c", ":"]

        def native():
            with self.capture.machine() as m:
                r = m.run(["/bin/sh", "-c", ":"], "/", 60, ENV)
            return r.seconds if r.status == 0 else None

        columns = [Column("native", native),
                   *(Column(x, lambda x=x: self.replayed(x, empty)) for x in ENGINES)]
        rounds(columns, 5, 0)
        return {"start " + x.title: None if x.failed else 1000 * statistics.median(
            a - b for a, b in zip(x.seconds, columns[0].seconds)) for x in columns[1:]}

    def calls(self):
        """Calls of the native run, counted by strace in a run of its own; rates for the time
        that the run takes without it."""
        with self.capture.in_origin() as (m, _):
            r = m.run(["/usr/bin/strace", "-f", "-qq", "-c", "-U", "calls,name", "-o", COUNTS,
                       "/bin/sh", "-c", self.app.first], self.capture.work, 20 * self.app.limit, ENV)
            try:
                with open(m.upper + COUNTS, encoding="utf-8") as f:
                    rows = re.findall(r"^\s*(\d+)\s+(\w+)\s*$", f.read(), re.M)
            except OSError:
                rows = []
        if r.status != 0 or not rows:
            return {"path calls": None, "other calls": None}
        with_path = path_calls()
        numbers = {name: int(n) for n, name in rows if name != "total"}
        paths = sum(n for name, n in numbers.items() if name in with_path)
        return {"path calls": paths, "other calls": sum(numbers.values()) - paths}


def rounds(columns, least, spend):
    """Runs all columns in turn, once to warm up; one that fails is left out from then on."""
    began = None
    count = -1
    while count < least or (time.monotonic() - began < spend and count < MOST):
        for x in columns:
            if x.failed:
                continue
            took = x.run()
            if took is None:
                x.failed = True
                if x is columns[0]:
                    raise farm.Trouble(f"{x.title} does not run any more")
            elif count >= 0:
                x.seconds.append(took)
        count += 1
        began = began or time.monotonic()


def ratio(column, native):
    if column.failed:
        return None
    return statistics.median(a / b for a, b in zip(column.seconds, native))


def run(packages, total):
    """One after the other: nothing else may run meanwhile."""
    for capture in packages:
        try:
            Measure(capture).result()
            total.add(f"{capture.app.name} measured", "pass")
        except farm.Trouble as e:
            total.add(f"{capture.app.name} measured", "fail", str(e))
