"""The applications: app/*.sh.  README.md says what is in them."""
import os
import subprocess

import farm

DIR = os.environ.get("CDE_FARM_APPS", os.path.join(farm.HERE, "app"))
FIELDS = ("packages", "quick", "programs", "limit", "first", "second", "second_files")


class App:
    """One application, as its file says."""

    def __init__(self, name):
        self.name, self.file = name, os.path.join(DIR, name + ".sh")
        if not os.path.isfile(self.file):
            raise farm.Trouble(f"no application {name} ({self.file})")
        with open(self.file, encoding="utf-8") as f:
            line = next((x for x in f if x.startswith("# ") and "shellcheck" not in x), "# ")
        self.title = line[2:].strip()
        fields = self.ask()
        self.packages = fields["packages"].split()
        self.programs = fields["programs"]
        self.quick = fields["quick"] == "yes"
        self.limit = int(fields["limit"] or 60)
        self.first, self.second = fields["first"], fields["second"]
        self.second_files = fields["second_files"].split()
        if not self.first:
            raise farm.Trouble(f"{self.file}: no first=")

    def ask(self):
        names = " ".join(f'"${{{x}-}}"' for x in FIELDS)
        text = farm.call("sh", "-c", f'. "$1"; printf "%s\\0" {names}', "sh", self.file,
                         env={"PATH": os.environ["PATH"]})
        return dict(zip(FIELDS, text.split("\0")))

    def compare(self, expected, found):
        """None when the results are the same, else the first lines of how they differ."""
        # ImageMagick has a program of that name, too.
        script = ('. "$1"; case $(LC_ALL=C type compare 2>/dev/null) in '
                  '*function*) compare "$2" "$3" ;; *) diff -r "$2" "$3" ;; esac')
        p = subprocess.run(["sh", "-c", script, "sh", self.file, expected, found],
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, check=False, timeout=120, cwd="/")
        if p.returncode == 0:
            return None
        text = p.stdout.decode(errors="replace").replace(expected, "native").replace(found, "here")
        return " / ".join(text.split("\n")[:4])[:400] or "compare failed"


def names():
    if not os.path.isdir(DIR):
        raise farm.Trouble(f"no directory {DIR}")
    return sorted(x[:-3] for x in os.listdir(DIR) if x.endswith(".sh"))


def all_apps():
    return [App(x) for x in names()]
