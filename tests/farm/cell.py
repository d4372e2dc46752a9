"""A cell of the matrix: one package, on one target, in one situation, by one engine."""
import os
import re

import farm
import roots
from capture import HOME, forget_result, keep_result
from enter import Machine

OTHER = "/home/other"

# name → what it means, what is forbidden, flags of the package's mount.
SITUATIONS = {
    "": {},
    "no-userns": {"what": "user namespaces are forbidden (EPERM, as in containers)",
                  "deny": ["userns"]},
    "userns-limit": {"what": "user namespaces are forbidden (max_user_namespaces = 0)",
                     "deny": ["userns-limit"]},
    "no-ptrace": {"what": "ptrace is forbidden", "deny": ["ptrace"]},
    "no-both": {"what": "ptrace and user namespaces are forbidden", "deny": ["ptrace", "userns"]},
    "read-only": {"what": "the package is on a read-only mount", "flags": "ro"},
    "noexec": {"what": "the package is on a noexec mount, cde-exec elsewhere", "flags": "noexec",
               "refused": True},
    "no-fuse": {"what": "there is no /dev/fuse", "options": ["--no-fuse"]},
    "other-uid": {"what": "a user with another number (2002) has copied the package",
                  "uid": 2002, "copied": True},
    "not-mine": {"what": "the package belongs to another user", "uid": 2002},
    "no-home": {"what": "HOME is empty", "home": ""},
}
# engine, mode; what runs in each target.
CELLS = (("namespace", "sandbox"), ("ptrace", "sandbox"), ("auto", "seamless"))


class Cell:
    """What is to be run; result() runs it, unless that was done with the same programs."""

    def __init__(self, capture, target, engine, mode, situation=""):
        self.capture, self.app, self.target = capture, capture.app, target
        self.engine, self.mode, self.situation = engine, mode, situation
        self.how = SITUATIONS[situation]

    def name(self):
        where = self.target + (f"+{self.situation}" if self.situation else "")
        return f"{self.capture.origin},{self.app.name},{where},{self.engine},{self.mode}"

    def key(self):
        return farm.digest(self.capture.record["key"], roots.identity(roots.root_of(self.target)),
                           os.path.join(farm.BIN, "enter"), str(sorted(self.how.items())))

    def result(self, anew=False):
        found = None if anew else farm.known(self.name(), self.key())
        if not found:
            cannot = self.cannot()
            found = {"app": self.app.name, "origin": self.capture.origin, "target": self.target,
                     "situation": self.situation, "engine": self.engine, "mode": self.mode,
                     **({"result": "n/a", "reason": cannot} if cannot else self.run())}
            farm.keep(self.name(), found, self.key())
        return found

    def cannot(self):
        """Why this is not even tried."""
        if self.mode == "seamless" and not self.app.second:
            return "the application has no second task"
        if self.mode == "sandbox" and self.capture.record["first"]["writes"]:
            if self.situation in ("read-only", "not-mine"):
                return "its task writes beside its inputs, and these are in the package"
        return None

    def right_engine(self, ran):
        """The one that was asked for; seamlessly it is notify, or ptrace on old kernels."""
        wanted = self.engine
        if wanted == "auto":
            wanted = ("notify", "ptrace") if self.mode == "seamless" else ""
        return bool(ran) and ran.startswith(wanted)

    def may_refuse(self):
        """Whether cde-exec may say that this engine cannot be had here."""
        return (self.engine == "namespace" or "ptrace" in self.how.get("deny", []) or
                "refused" in self.how)

    def machine(self):
        root = roots.root_of(self.target)
        m = Machine(root)
        m.user("other", OTHER, self.how.get("uid", farm.UID))
        if "home" in self.how:
            m.env["HOME"] = self.how["home"]
        for x in self.how.get("deny", []):
            m.option("--deny", x)
        m.option(*self.how.get("options", []))
        return m

    def package(self, m):
        """The directory of the package, to be overlaid."""
        if "copied" not in self.how:
            return self.capture.package
        copy = m.new_dir()
        farm.call("cp", "-a", self.capture.package + "/.", copy)
        farm.call("chown", "-hR", f"{self.how['uid']}:{self.how['uid']}", copy)
        return copy

    def own_directory(self, m):
        """The user's own, with the files of the second task."""
        uid = self.how.get("uid", farm.UID)
        own = m.new_dir(uid)
        for x in self.app.second_files:
            os.makedirs(os.path.dirname(f"{own}/{x}"), exist_ok=True)
            farm.copy_tree(f"{self.capture.dir}/prepared/{x}", f"{own}/{x}")
        os.makedirs(own + "/out", exist_ok=True)
        farm.call("chown", "-R", f"{uid}:{uid}", own)
        m.bind(own, f"{OTHER}/{self.app.name}")
        return own

    def run(self, keep=None):
        """Runs it; keep: a directory for what it left, also when it passes."""
        package = f"{OTHER}/packages/{self.app.name}"
        with self.machine() as m:
            upper = m.overlay(self.package(m), package, self.how.get("flags", "rw"))
            argv = [package + "/cde-exec"]
            if "noexec" in self.how.get("flags", ""):
                m.bind(farm.BIN, "/opt/cde", "ro")
                argv = ["/opt/cde/cde-exec", "--package", package]
            argv += ["--why", "--engine", self.engine, "sh", "-c"]
            if self.mode == "sandbox":
                task, cwd = "first", f"{package}/cde-root{HOME}/{self.app.name}"
                out = f"{upper}/cde-root{HOME}/{self.app.name}/out"
            else:
                task, cwd = "second", f"{OTHER}/{self.app.name}"
                out = self.own_directory(m) + "/out"
            r = m.run(argv + [getattr(self.app, task)], cwd, 4 * self.app.limit,
                      {"TERM": "xterm", "LANG": "C"})
            left = keep or farm.path("failed", self.name())
            keep_result(left, r, out)
        found = judge(self.capture, task, left, r, self.may_refuse())
        if found["result"] == "pass" and not self.right_engine(found["ran"]):
            found |= {"result": "fail", "reason": f"{found['ran'] or 'no engine'} ran"}
        if found["result"] == "pass" and not keep:
            forget_result(left)
        return found


def judge(capture, task, left, r, may_refuse):
    """pass, fail or n/a, with the engine that ran and the reason."""
    found = {"seconds": r.seconds, **engine_of(r.text())}
    if r.status is None:
        return found | {"result": "fail", "reason": f"not finished after {r.seconds:.0f} s"}
    refusal = re.search(r"^cde-exec: (?!  |engine [\w+-]+, )(.*)", r.text(), re.M)
    if r.status in (125, 126) and refusal:
        return found | {"result": "n/a" if may_refuse else "fail", "reason": refusal[1]}
    why = capture.app.compare(f"{capture.dir}/native/{task}", left)
    if not why:
        return found | {"result": "pass"}
    last = [x for x in r.text().splitlines() if not x.startswith("cde-exec:   ")]
    if r.status != 0:
        why = f"status {r.status}: {farm.last_line(chr(10).join(last))}"
    return found | {"result": "fail", "reason": why}


def engine_of(text):
    """From what --why prints; guard: how placeholders are kept from being opened."""
    m = re.search(r"^cde-exec: engine ([\w+-]+), (\w+) mode(?:.*?; not namespace: (.*))?", text, re.M)
    no = re.search(r"^cde-exec: +note: placeholders cannot be covered: (.*)", text, re.M)
    guard = ("watched" if "; opens are watched for placeholders" in text else
             "covered" if re.search("^cde-exec: +cover the placeholder", text, re.M) else "")
    if guard and no:
        guard += f" (to cover them: {no[1]})"
    return {"ran": m[1] if m else "", "fallback": m[3] or "" if m else "", "guard": guard}
