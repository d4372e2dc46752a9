#!/usr/bin/python3
"""conformance: which side does a call reach, by the rules?

	run.py TABLE CONFORM CDE_EXEC DIRECTORY [cde-exec option...]

TABLE says what is on both sides, the rules, and for each call the side that it must
reach or the error that it must get.  DIRECTORY is made, and gets a package and a
"host" beside it (@ in the table).  Each row is one run of cde-exec; the trees are
compared before and after.  Prints a line for each row that differs, and a sum.
"""
import os
import shutil
import subprocess
import sys

MTIME = {"package": 1000000000, "host": 1100000000}
# TREE_PLACEHOLDER_TEXT of engine/tree/copy.h
PLACEHOLDER = ("cde placeholder: this file was listed but never opened, "
	       "so its content is not here\n")
SIDES = {"p": ["package"], "h": ["host"], "b": ["package", "host"]}


class Table:
	"""The text: a tree, rule sets, rows."""

	def __init__(self, name):
		self.tree, self.sets, self.rows, self.common = [], {}, [], []
		self.passed = []
		block = None
		for number, line in enumerate(open(name), 1):
			words = line.split("#")[0].split()
			if not words:
				continue
			if words[0] == "tree":
				block = self.tree
			elif words[0] == "passed":
				block = self.passed
			elif words[0] == "common":
				block = self.common
			elif words[0] == "set":
				version = words[2] if len(words) > 2 else "v2"
				block = [f"# cde.options {version}"]
				self.sets[words[1]] = block
			elif line[0] == "\t":
				block.append(" ".join(words))
			else:
				self.rows.append(self.row(number, words))

	def row(self, number, words):
		where, call, paths, want = words[0], words[1], words[2:-1], words[-1]
		rules, mode, *only = where.split(":")
		if rules not in self.sets or mode not in ("sandbox", "seamless"):
			sys.exit(f"line {number}: no rule set or mode '{where}'")
		return number, rules, mode, only, call, paths, want


class World:
	"""A package and a host, as the tree of the table says."""

	def __init__(self, table, top, conform, cde_exec):
		self.table, self.top, self.conform = table, top, conform
		self.host = top + "/t"
		self.package = top + "/package"
		self.side = {"package": self.package + "/cde-root" + self.host,
			     "host": self.host}
		os.makedirs(self.package + "/cde-root")
		self.state = top + "/state"
		for name in ("proc", "dev"):
			os.mkdir(f"{self.package}/cde-root/{name}")
		self.put("cde-exec", open(cde_exec, "rb").read(), 0o755)
		self.put("cde.full-environment", b"PATH=/usr/bin:/bin\0")
		passed = [w for line in table.passed for w in self.text(line).split()]
		self.put(".passed", "\0".join(["cde passed 1\n" + passed[0], *passed[1:], ""])
			 .encode())
		self.rules = None
		self.clean = False

	def put(self, name, data, mode=0o644):
		with open(f"{self.package}/{name}", "wb") as f:
			f.write(data)
			os.fchmod(f.fileno(), mode)

	def text(self, word):
		return word.replace("@", self.host)

	def add(self, side, kind, name, *rest):
		root = self.package + "/cde-root" if side == "package" else ""
		path = root + self.text(name)
		if kind == "dir":
			os.makedirs(path, exist_ok=True)
			return [(path, int(rest[0], 8) if rest else 0o755)]
		if kind == "link":
			os.symlink(self.text(rest[0]), path)
		elif kind == "fifo":
			os.mkfifo(path)
		elif kind == "prog":
			shutil.copy(self.conform, path)
			with open(path, "ab") as f:
				f.write(side.rjust(8).encode())
			os.chmod(path, 0o755)
		else:
			with open(path, "w") as f:
				f.write(PLACEHOLDER if kind == "placeholder" else side)
		os.utime(path, (MTIME[side],) * 2, follow_symlinks=False)
		return []

	def build(self):
		for side in self.side.values():
			if os.path.isdir(side):
				subprocess.run(["chmod", "-R", "u+rwx", side], check=True)
				shutil.rmtree(side)
			os.makedirs(side)
		dirs = []
		for line in self.table.tree:
			sides, *rest = line.split()
			for side in SIDES[sides]:
				dirs += [(side, d) for d in self.add(side, *rest)]
		for side, path in self.side.items():
			dirs.append((side, (path, 0o755)))
		for side, (path, mode) in dirs:
			os.chmod(path, mode)
			os.utime(path, (MTIME[side],) * 2)
		self.clean = True

	def choose(self, rules):
		if rules != self.rules:
			lines = self.table.sets[rules] + self.table.common
			if "v1" in lines[0]:
				lines = self.table.sets[rules]
			self.put("cde.options", self.text("\n".join(lines) + "\n").encode())
			self.rules = rules

	def look(self):
		"""What is on each side; times of directories do not count."""
		seen = {}
		for side, top in self.side.items():
			for at, dirs, files in os.walk(top):
				for name in dirs + files:
					path = f"{at}/{name}"
					st = os.lstat(path)
					what = (st.st_mode, st.st_ino, st.st_nlink)
					if name not in dirs:
						what += (st.st_size, st.st_mtime_ns)
					seen[side, path[len(top):]] = what
		return seen

	def close(self, closed):
		"""The package cannot be written, or it can."""
		for at, _, _ in os.walk(self.package + "/cde-root"):
			os.chmod(at, 0o555 if closed else 0o755)

	def kept(self):
		"""Is there something in the user's own place for it?"""
		found = any("package" in dirs for _, dirs, _ in os.walk(self.state))
		shutil.rmtree(self.state, ignore_errors=True)
		return found

	def run(self, mode, only, call, paths, options):
		if not self.clean:
			self.build()
		if "readonly" in only:
			self.close(True)
		held = ["--ephemeral"] if "ephemeral" in only else []
		if "notify" in options and (held or "readonly" in only):
			options = ["--engine", "ptrace"]  # notify cannot
		before = self.look()
		cwd = self.side["package"] if mode == "sandbox" else self.host
		r = subprocess.run(
			[self.package + "/cde-exec", "--package", self.package, *options,
			 *held, self.host + "/bin/conform", call, *map(self.text, paths)],
			cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True,
			env={**os.environ, "XDG_STATE_HOME": self.state},
			errors="replace", timeout=30, check=False)
		after = self.look()
		if "readonly" in only:
			self.close(False)
		changed = sorted({key[0] for key in before.keys() | after.keys()
				  if before.get(key) != after.get(key)})
		self.clean = not changed
		out = r.stdout.strip()
		if r.returncode != 0:
			out = f"status {r.returncode}: {out} {r.stderr.strip()}"
		if not changed:
			kept = self.kept()
			if out == "ok" and (kept or held):
				return "private" if kept else "held"
			return out if not kept or not held else out + "+state"
		return "+".join([out] * (out != "ok") + changed)


def main():
	name, conform, cde_exec, top, *options = sys.argv[1:]
	table = Table(name)
	os.mkdir(top)
	world = World(table, os.path.realpath(top), conform, cde_exec)
	passed = failed = left = 0
	for number, rules, mode, only, call, paths, want in table.rows:
		if ("user" in only or "readonly" in only) and os.getuid() == 0:
			left += 1
			continue
		world.choose(rules)
		got = world.run(mode, only, call, paths, options)
		if got == world.text(want):
			passed += 1
			continue
		failed += 1
		where = ":".join([rules, mode, *only])
		print(f"line {number}: {where}: {call} {' '.join(paths)} = {got}, "
		      f"should be {want}")
	print(f"{passed} rows hold, {failed} do not, {left} left out (not for root)")
	sys.exit(1 if failed else 0)


main()
