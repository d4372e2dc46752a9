"""PORTABILITY.md, from the results in the state."""
import glob
import os
import re
import time

import farm
import plot
import roots
from cell import SITUATIONS

SIGN = {"pass": "✓", "fail": "**✗**", "n/a": "–"}
COLUMNS = (("namespace", "sandbox"), ("ptrace", "sandbox"), ("auto", "seamless"))
TITLES = {("namespace", "sandbox"): "namespace", ("ptrace", "sandbox"): "ptrace",
          ("auto", "seamless"): "seamless", ("auto", "sandbox"): "auto"}


class Results:
    """What the state holds, of the programs that ran last."""

    def __init__(self, apps):
        self.apps = [x.name for x in apps]
        self.titles = {x.name: x.title for x in apps}
        self.cells, self.kernels, self.measures = [], [], {}
        self.records = {}
        state = {x: farm.load(x) for x in sorted(glob.glob(farm.path("state", "*.json")))}
        _, programs = max(((x["date"], x["programs"]) for x in state.values()), default=("", ""))
        dates = [x["date"] for x in state.values() if x["programs"] == programs]
        self.dates = (min(dates, default="–"), max(dates, default="–"))
        for name, x in state.items():
            base = os.path.basename(name)
            if x["programs"] != programs:
                continue
            if base.startswith("kernel,"):
                self.kernels += [y for y in x["cells"] if y["app"] in self.apps]
            elif base.startswith("measure,"):
                self.measures[x["app"]] = x
            elif x["app"] in self.apps:
                self.cells.append(x)
        for name in glob.glob(farm.path("packages", "*", "*", "record.json")):
            origin, app = name.split("/")[-3:-1]
            if app in self.apps:
                self.records[origin, app] = farm.load(name)

    def at(self, **wanted):
        return [x for x in self.cells if all(x.get(k) == v for k, v in wanted.items())]


def row(words):
    return "| " + " | ".join(words) + " |\n"


def head(words):
    return row(words) + "|---" * len(words) + "|\n"


def cpu():
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        for line in f:
            if line.startswith("model name"):
                return line.split(":")[1].strip()
    return os.uname().machine


def signs(cells):
    """One sign for each of namespace, ptrace, seamless."""
    found = {(x["engine"], x["mode"]): x for x in cells}
    return " ".join(SIGN[found[c]["result"]] if c in found else "·" for c in COLUMNS)


def tally(cells):
    n = {k: sum(x["result"] == k for x in cells) for k in SIGN}
    return f"{n['pass']} passed, {n['fail']} failed, {n['n/a']} not applicable"


def applications(r, origin, targets):
    text = head(["captured on " + origin, *targets])
    for app in r.apps:
        cells = r.at(app=app, origin=origin, situation="")
        if cells:
            text += row([app, *(signs([x for x in cells if x["target"] == t]) for t in targets)])
        elif "failed" in r.records.get((origin, app), {}):
            text += row([app, *("not captured" for _ in targets)])
    return text


def summary(r, origin, targets):
    text = head(["", "namespace", "ptrace", "seamless"])
    for t in targets:
        words = []
        for engine, mode in COLUMNS:
            cells = r.at(origin=origin, situation="", target=t, engine=engine, mode=mode)
            good = sum(x["result"] == "pass" for x in cells)
            words.append(f"{good} of {len(cells)}")
        root = roots.root_of(t)
        text += row([f"{t}: {roots.describe(root)}" if os.path.isdir(root) else t, *words])
    return text


def engines(cells):
    """Which engines ran, when none was asked for."""
    return ", ".join(sorted({x["ran"] or "none" for x in cells})) or "·"


def reasons(cells):
    """Why not namespace in sandbox mode; or why nothing ran."""
    found = set()
    for x in cells:
        if x["result"] == "n/a":
            found.add(x["reason"].removeprefix("engine namespace: "))
        elif x["mode"] == "sandbox":
            found.add(x.get("fallback", ""))
    return "; ".join(sorted(x.replace("|", "\\|") for x in found if x))


def situations(r):
    text = head(["situation", "namespace", "ptrace", "seamless", "without --engine",
                 "it says"])
    for s, how in SITUATIONS.items():
        cells = r.at(situation=s)
        if not s or not cells:
            continue
        words = []
        for engine, mode in (*COLUMNS, ("auto", "sandbox")):
            some = [x for x in cells if (x["engine"], x["mode"]) == (engine, mode)]
            good = sum(x["result"] == "pass" for x in some)
            rest = {k: sum(x["result"] == k for x in some) for k in ("fail", "n/a")}
            words.append(f"{good} ✓" + "".join(f", {n} {SIGN[k]}" for k, n in rest.items() if n))
        auto = [x for x in cells if (x["engine"], x["mode"]) == ("auto", "sandbox")]
        words[3] += f" ({engines([x for x in auto if x['result'] == 'pass'])})"
        text += row([how["what"], *words, reasons(cells)])
    return text


def version(text):
    return [int(x) for x in re.findall(r"\d+", text)]


def kernels(r):
    text = head(["kernel", "application", "without --engine", "ptrace", "seamless", "why not namespace",
                 "placeholders are", "cde would capture by"])
    for x in sorted(r.kernels, key=lambda y: (version(y["target"]), y["app"])):
        if (x["engine"], x["mode"]) != ("auto", "sandbox"):
            continue
        same = [y for y in r.kernels if (y["target"], y["app"]) == (x["target"], x["app"])]
        by = {(y["engine"], y["mode"]): SIGN[y["result"]] for y in same}
        text += row([f"{x['target']} ({x['suite']})", x["app"],
                     f"{SIGN[x['result']]} {x['ran'] or 'none'}", by[("ptrace", "sandbox")],
                     by[("auto", "seamless")], x.get("fallback") or "", x.get("guard") or "",
                     x["capture"].split(" (one round")[0]])
    return text


def number(x, form):
    return "–" if x is None else format(x, form)


def costs(r):
    text = head(["", "native, s", "first capture", "capture again", "namespace", "ptrace",
                 "path calls/s", "other calls/s", "start-up namespace, ms", "ptrace, ms",
                 "package, MB", "files"])
    for app, x in sorted(r.measures.items()):
        rate = {k: x[k] / x["native"] if x[k] is not None else None
                for k in ("path calls", "other calls")}
        text += row([app, number(x["native"], ".2f"), *(
            number(x[k], ".2f") for k in ("first capture", "capture", "namespace", "ptrace")),
            *(number(rate[k], ",.0f") for k in rate),
            number(x["start namespace"], ".1f"), number(x["start ptrace"], ".1f"),
            f"{x['size'] / 1e6:.1f}", str(x["files"])])
    return text


def failures(r):
    """Each reason once, with the cells that have it."""
    by = {}
    for x in r.cells + r.kernels:
        if x["result"] == "fail":
            where = f"{x['target']} {x.get('situation', '')}".strip()
            kind = TITLES.get((x["engine"], x["mode"]), x["engine"])
            by.setdefault((x["app"], x["reason"]), []).append(f"{where} [{kind}]")
    text = "".join(f"* **{app}** on {', '.join(where)}: {reason}\n"
                   for (app, reason), where in sorted(by.items()))
    for (origin, app), record in sorted(r.records.items()):
        if "failed" in (record or {}):
            text += f"* **{app}**, capture on {origin}: {record['failed']}\n"
    return text or "None.\n"


def refusals(r):
    """What cannot be, on targets where nothing is forbidden."""
    by = {}
    for x in r.at(situation=""):
        if x["result"] == "n/a":
            by.setdefault((x["app"], TITLES[x["engine"], x["mode"]], x["reason"]), []).append(x["target"])
    return "".join(f"* {app} [{engine}]: {reason} ({', '.join(t)})\n"
                   for (app, engine, reason), t in sorted(by.items()))


def write(name, apps):
    r = Results(apps)
    ours = [t for t in roots.targets() if r.at(target=t, origin="bookworm", situation="")]
    began, ended = r.dates
    picture = os.path.splitext(name)[0] + ".svg"
    text = f"""# Real applications on real machines

Written by `make farm`; do not edit. Runs from {began} to {ended}, page of {time.strftime('%Y-%m-%d')};
{cpu()}, {os.cpu_count()} CPUs, Linux {os.uname().release}.

Each application is captured once, as an ordinary user, by `cde -o PKG sh -c TASK`, moved, and run on each
target as another ordinary user by `cde-exec`: the same task inside of cde-root (sandbox mode) by each
engine, and a second task with other input in the user's own directory (seamless mode). The result (standard
output, status, files) must be that of the native run. ✓ passed, ✗ failed, – cannot be, with the reason below;
in this order: namespace, ptrace, seamless. {tally(r.cells + r.kernels)}.

## Applications and targets

{summary(r, 'bookworm', ours)}
{applications(r, 'bookworm', ours)}
| application | its task |
|---|---|
{''.join(row([x.name, x.title]) for x in apps)}
"""
    for origin in sorted({x["origin"] for x in r.cells} - {"bookworm"}):
        there = sorted({x["target"] for x in r.cells if x["origin"] == origin})
        text += f"## Captured on {origin}\n\n{applications(r, origin, there)}\n"
    text += f"""## Situations

On one target, with the applications of `make farm-quick`; numbers of applications.

{situations(r)}
## Kernels

Debian's kernels, emulated by qemu, with a static busybox and the package, and nothing else.

{kernels(r) if r.kernels else 'Not run.'}
## Failures

{failures(r)}"""
    if refusals(r):
        text += f"\nWhat cannot be, although the machine forbids nothing:\n\n{refusals(r)}"
    if r.measures:
        plot.write(picture, r.measures)
        text += f"""
## What it costs

Time of the first task as a multiple of native time, medians of at least three interleaved rounds on the
machine where it was captured; calls as counted by strace in a run of its own (fstat is among those with a
path: it is newfstatat); start-up: what comes before an empty shell script.

![times as multiples of native time]({os.path.basename(picture)})

{costs(r)}"""
    with open(name, "w", encoding="utf-8") as f:
        f.write(text)
    farm.say(f"farm: wrote {name}")
