"""run.py: real applications, captured on one machine and run on many.

    run.py list                         applications, targets, situations
    run.py try APP [TARGET] [ENGINE]    one application, shown; its results are kept
    run.py quick                        3 targets, the applications with quick=yes
    run.py all                          everything, and PORTABILITY.md
    run.py report                       PORTABILITY.md from the results that there are
    run.py roots                        makes all roots

Options: -j N (default: the processors), -f REGEX (applications), -o FILE (not PORTABILITY.md);
of `all`: -t REGEX (targets), -p REGEX (of: targets, situations, reverse, kernels, costs).
ENGINE: namespace, ptrace, seamless, or a situation of `list`.  README.md tells the rest.
"""
import argparse
import os
import re
import sys
import threading
import time

import application
import farm
import kernel
import measure
import roots
import table
from capture import Capture, Failed
from cell import CELLS, SITUATIONS, Cell

QUICK_TARGETS = ("empty", "trixie", "bullseye")
SITUATION_TARGET = "trixie"
REVERSE = ("trixie", "bookworm")
REVERSE_MOST = 12
LOCK = threading.Lock()


class Sum:
    """What is printed at the end."""

    def __init__(self):
        self.passed, self.failed, self.skipped, self.reasons = 0, [], [], {}
        self.began = time.monotonic()

    def add(self, what, result, reason=""):
        with LOCK:
            if result == "pass":
                self.passed += 1
            elif result == "n/a":
                self.skipped.append(what)
                self.reasons.setdefault(reason, []).append(what)
            else:
                self.failed.append(what)
                farm.say(f"FAIL  {what}: {reason}")

    def cell(self, found):
        where = found["target"] + (f" ({found['situation']})" if found.get("situation") else "")
        if found.get("origin", "bookworm") != "bookworm":
            where += f", captured on {found['origin']}"
        self.add(f"{found['app']} on {where} [{found['engine']}, {found['mode']}]",
                 found["result"], found.get("reason", ""))

    def so_far(self):
        """A line for each reason, and the sum."""
        for reason, what in self.reasons.items():
            more = f" and {len(what) - 1} more" if len(what) > 1 else ""
            farm.say(f"SKIP  {what[0]}{more}: {reason}")
        self.reasons.clear()
        farm.say(f"farm: {time.monotonic() - self.began:.0f} s: {self.passed} passed, "
                 f"{len(self.failed)} failed, {len(self.skipped)} skipped")

    def end(self):
        self.so_far()
        farm.say(f"{self.passed} passed, {len(self.failed)} failed, {len(self.skipped)} skipped")
        return 1 if self.failed or not self.passed else 0


def make_roots(names, total):
    """Those targets that could be made."""
    good = []
    for name in names:
        try:
            roots.ensure(name)
            good.append(name)
        except farm.Trouble as e:
            total.add(f"root {name}", "n/a", str(e))
    return good


def captures(apps, origin, jobs, total, anew=False):
    """Of all applications that can be captured; the others are counted."""
    try:
        _, lacking = roots.origin(origin, apps)
    except farm.Trouble as e:
        total.add(f"origin {origin}", "fail", str(e))
        return []

    def one(app):
        if app.name in lacking:
            total.add(f"{app.name} on {origin}", "n/a", lacking[app.name])
            return None
        c = Capture(app, origin)
        try:
            c.ready(anew)
        except (Failed, farm.Trouble) as e:
            total.add(f"{app.name} captured on {origin}", "fail", str(e))
            return None
        total.add(f"{app.name} captured on {origin}", "pass")
        return c

    found = [x for x in farm.in_parallel(jobs, one, apps) if x]
    total.so_far()
    return found


def run_cells(cells, jobs, total, anew=False):
    def one(cell):
        try:
            found = cell.result(anew)
        except farm.Trouble as e:
            found = {"app": cell.app.name, "target": cell.target, "engine": cell.engine,
                     "mode": cell.mode, "result": "fail", "reason": f"the farm: {e}"}
        total.cell(found)
        return found

    found = farm.in_parallel(jobs, one, cells)
    total.so_far()
    return found


def matrix(packages, targets, situations=("",)):
    return [Cell(c, t, engine, mode, s) for s in situations for t in targets for c in packages
            for engine, mode in CELLS]


def situation_cells(packages):
    """Engines that are forced, and what is taken when none is."""
    cells = matrix(packages, [SITUATION_TARGET], [x for x in SITUATIONS if x])
    return cells + [Cell(c, SITUATION_TARGET, "auto", "sandbox", s)
                    for s in SITUATIONS if s for c in packages]


def quick(options, total):
    """A test: only the roots are from before, no result is."""
    targets = make_roots(QUICK_TARGETS, total)
    packages = captures([x for x in options.apps if x.quick], "bookworm", options.jobs, total,
                        anew=True)
    run_cells(matrix(packages, targets), options.jobs, total, anew=True)
    return total.end()


def reverse(options, total):
    """Captured on a newer system, replayed on an older one."""
    origin, target = REVERSE
    chosen = sorted(options.apps, key=lambda x: (not x.quick, x.name))[:REVERSE_MOST]
    if make_roots([target], total):
        run_cells(matrix(captures(chosen, origin, options.jobs, total), [target]), options.jobs,
                  total)


def everything(options, total):
    def wanted(phase):
        return re.search(options.phases, phase)

    packages = captures(options.apps, "bookworm", options.jobs, total)
    few = [x for x in packages if x.app.quick]
    if wanted("targets"):
        names = [x for x in roots.targets() if re.search(options.targets, x)]
        run_cells(matrix(packages, make_roots(names, total)), options.jobs, total)
    if wanted("situations") and make_roots([SITUATION_TARGET], total):
        run_cells(situation_cells(few), options.jobs, total)
    if wanted("reverse"):
        reverse(options, total)
    if wanted("kernels"):
        kernel.run(packages, options.jobs, total)
    if wanted("costs"):
        measure.run(packages, total)
    return report(options, total)


def report(options, total):
    table.write(options.output, options.apps)
    return total.end() if total else 0


def show_list(apps):
    for x in apps:
        print(f"{x.name:14} {'quick' if x.quick else '':6} {x.title}")
    print("\ntargets: " + " ".join(f"{x}{'' if roots.complete(roots.root_of(x)) else ' (not made)'}"
                                   for x in roots.targets()))
    print("situations: " + " ".join(x for x in SITUATIONS if x))


def try_one(words):
    """One application; everything is shown and kept."""
    app = application.App(words[0])
    target, engine = (words[1:] + ["trixie", "namespace"][len(words) - 1:])[:2]
    roots.ensure(target)
    roots.origin("bookworm", [app])
    capture = Capture(app, "bookworm")
    try:
        record = capture.ready()
    except Failed as e:
        farm.say(f"FAIL  {e}\nwork directory, results: {capture.dir}")
        return 1
    farm.say(f"captured by {record['engine']}: {record['size'] / 1e6:.1f} MB, {record['files']} "
             f"files; natively {record['first']['seconds']:.2f} s; all of it: {capture.dir}")
    situation = engine if engine in SITUATIONS else ""
    mode = "seamless" if engine == "seamless" else "sandbox"
    cell = Cell(capture, target, "auto" if situation or mode == "seamless" else engine, mode, situation)
    keep = farm.path("tried", cell.name())
    found = cell.run(keep)
    for name in ("/stdout", ".stderr"):
        with open(keep + name, encoding="utf-8", errors="replace") as f:
            farm.say(f"--- {name[1:]}\n{f.read()[-4000:]}")
    expected = f"{capture.dir}/native/{'second' if mode == 'seamless' else 'first'}"
    farm.say(f"--- {found['result']} {found.get('reason', '')} (engine {found['ran']})\n"
             f"result {keep}\nnative {expected}")
    return 0 if found["result"] == "pass" else 1


def main():
    p = argparse.ArgumentParser(usage=__doc__.replace("%", "%%"))
    p.add_argument("what")
    p.add_argument("words", nargs="*")
    p.add_argument("-j", type=int, default=os.cpu_count(), dest="jobs")
    p.add_argument("-f", default="", dest="filter")
    p.add_argument("-t", default="", dest="targets")
    p.add_argument("-p", default="", dest="phases")
    p.add_argument("-o", default=os.path.join(farm.TOP, "PORTABILITY.md"), dest="output")
    options = p.parse_args()
    acts = {"quick": quick, "all": everything}
    if options.what == "list":
        show_list(application.all_apps())
        return 0
    if options.what == "try" and not options.words or options.what not in (
            "try", "report", "roots", *acts):
        p.error(f"see above: {options.what}")
    options.apps = [x for x in application.all_apps() if re.search(options.filter, x.name)]
    if options.what == "report":
        return report(options, None)
    farm.begin()
    if options.what == "try":
        return try_one(options.words)
    total = Sum()
    if options.what == "roots":
        total.passed = len(make_roots(roots.targets(), total))
        return total.end()
    return acts[options.what](options, total)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except farm.Trouble as trouble:
        farm.fatal(trouble)
    except KeyboardInterrupt:
        sys.exit(130)
