"""What run.py measures: name, prepare, command, clean (before each run)."""
import os
import subprocess

BUSY = r"""
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	unsigned long n = strtoul(argv[1], NULL, 0), x = 1;
	for (unsigned long i = 0; i < n; i++)
		if (argc > 2)
			x += syscall(SYS_getppid) > 0;
		else
			x = x * 6364136223846793005UL + (x >> 33) + i;
	printf("%lu\n", x);
	return 0;
}
"""


def write(name, text):
    os.makedirs(os.path.dirname(name), exist_ok=True)
    with open(name, "w", encoding="utf-8") as f:
        f.write(text)


def make_sources(d):
    for i in range(40):
        write(f"{d}/f{i}.c", f'#include <stdio.h>\n#include "all.h"\nint f{i}(void) {{ return {i}; }}\n')
    write(f"{d}/all.h", "".join(f"int f{i}(void);\n" for i in range(40)))
    write(f"{d}/Makefile", "libf.a: $(patsubst %.c,%.o,$(sort $(wildcard f*.c)))\n"
          "\t@ar rcD $@ $^\n%.o: %.c all.h\n\t@cc -c -o $@ $<\n")


def clean_objects(d):
    for name in os.listdir(d):
        if name.endswith((".o", ".a")):
            os.unlink(f"{d}/{name}")


def tree(d, dirs, files, text):
    for i in range(dirs):
        for j in range(files):
            write(f"{d}/t/d{i:03}/f{j:03}", text)


def git_history(d):
    run = lambda *a, **k: subprocess.run(a, cwd=d, check=True, **k)
    run("git", "init", "-q")
    lines = []
    for i in range(400):
        text = f"{i}\n" * 20
        lines.append(f"commit refs/heads/main\ncommitter A <a@x> {1500000000 + i} +0000\n"
                     f"data 3\nmsg\nM 644 inline f{i % 40}\ndata {len(text)}\n{text}\n")
    run("git", "fast-import", "--quiet", input="".join(lines).encode())
    run("git", "symbolic-ref", "HEAD", "refs/heads/main")
    run("git", "config", "safe.directory", "*")


def nothing(d):
    pass


def busy(d):
    write(f"{d}/busy.c", BUSY)
    subprocess.run(["cc", "-O2", "-o", "busy", "busy.c"], cwd=d, check=True)


LOOP = "i=0; while [ $i -lt 200 ]; do /bin/true; i=$((i+1)); done"
WORKLOADS = [
    ("python start-up", nothing, ["python3", "-c", "import json"], nothing),
    ("make -j1, 40 files", make_sources, ["make", "-s", "-j1"], clean_objects),
    ("make -j2, 40 files", make_sources, ["make", "-s", "-j2"], clean_objects),
    ("find, 70 k entries", lambda d: tree(d, 693, 100, ""), ["find", "t", "-size", "-1000k"], nothing),
    ("200 fork+exec", nothing, ["sh", "-c", LOOP], nothing),
    ("CPU-bound", busy, ["./busy", "250000000"], nothing),
    ("1 M calls, no path", busy, ["./busy", "1000000", "call"], nothing),
    ("tar, 5000 files", lambda d: tree(d, 50, 100, "text\n" * 100),
     ["sh", "-c", "tar -cf - t | wc -c"], nothing),
    ("git log -p, 400", git_history, ["git", "--no-pager", "log", "-p", "--stat"], nothing),
]
