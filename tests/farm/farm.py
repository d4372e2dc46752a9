"""Where everything of the farm is, and small things that all parts need.

FARM (environment CDE_FARM, default /var/cache/cde-farm):
    roots/NAME      targets; any unpacked root that a person puts here is one, too
    origins/NAME    roots with all applications, where they are captured
    packages/ORIGIN/APP   what a capture made: see capture.py
    kernels/NAME    vmlinuz
    state/          a file for each result; failed/ what a failed cell left
    run/            a tmpfs that only this process and its children see
"""
import concurrent.futures
import ctypes
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
FARM = os.environ.get("CDE_FARM", "/var/cache/cde-farm")
BUILD = os.path.join(TOP, os.environ.get("CDE_BUILD", "build"))
BIN = os.path.join(BUILD, "farm")
UID = 1001


class Trouble(Exception):
    """The farm itself cannot do something; the text says what."""


def say(text):
    print(text, flush=True)


def path(*parts):
    return os.path.join(FARM, *parts)


def digest(*files_and_texts):
    """Of files (that begin with a slash and exist) and texts."""
    h = hashlib.sha256()
    for x in files_and_texts:
        if x.startswith("/") and os.path.isfile(x):
            with open(x, "rb") as f:
                h.update(hashlib.sha256(f.read()).digest())
        else:
            h.update(x.encode() + b"\0")
    return h.hexdigest()[:16]


def programs():
    """Which programs under test: the same text for the same."""
    return digest(BIN + "/cde", BIN + "/cde-exec")


def keep(name, result, key):
    """A result in the state; known() finds it."""
    save(path("state", name + ".json"), {
        "key": key, "programs": programs(), "date": time.strftime("%Y-%m-%d %H:%M"), **result})


def known(name, key):
    """A result of before, if it is of the same key.  A failure is tried again."""
    old = load(path("state", name + ".json"))
    if not old or old.get("key") != key:
        return None
    cells = old.get("cells", [old])
    return old if all(x.get("result") != "fail" for x in cells) else None


def load(name, default=None):
    try:
        with open(name, encoding="utf-8") as f:
            return json.load(f)
    except (OSError, ValueError):
        return default


def save(name, value):
    os.makedirs(os.path.dirname(name), exist_ok=True)
    with open(name + ".new", "w", encoding="utf-8") as f:
        json.dump(value, f, indent=1, ensure_ascii=False)
    os.replace(name + ".new", name)


def call(*argv, **options):
    """The output of a program that must succeed."""
    try:
        p = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, check=False, **options)
    except OSError as e:
        raise Trouble(f"{argv[0]}: {e.strerror}") from e
    text = p.stdout.decode(errors="replace")
    if p.returncode:
        raise Trouble(f"{' '.join(argv[:3])} …: status {p.returncode}: {last_line(text)}")
    return text


def last_line(text):
    lines = [x.strip() for x in text.splitlines() if x.strip()]
    return lines[-1][:300] if lines else "(no output)"


def copy_tree(src, dst):
    call("cp", "-a", "--reflink=auto", src, dst)


def scratch():
    """A directory on the tmpfs, for `with`; scratches are gone with this process."""
    return tempfile.TemporaryDirectory(dir=path("run"), ignore_cleanup_errors=True)


def remove(name):
    shutil.rmtree(name, ignore_errors=True)


def lock():
    """One at a time works on a farm: packages and results are those of its programs.  The
    descriptor is kept until the end, and no child has it."""
    fd = os.open(path("lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say(f"farm: another one works on {FARM}: waiting")
        fcntl.flock(fd, fcntl.LOCK_EX)


def begin():
    """Once, before any thread: the tools, and a tmpfs that nobody else sees."""
    if os.geteuid() != 0:
        raise Trouble("root is needed, to make roots and to mount them")
    os.umask(0o022)
    # By the relative name: the dependencies that make knows are of that.
    call("make", "-s", f"-j{os.cpu_count()}", "-C", TOP, f"O={os.path.relpath(BUILD, TOP)}",
         "farm-programs")
    os.makedirs(path("run"), exist_ok=True)
    lock()
    libc = ctypes.CDLL(None, use_errno=True)
    newns, private, tmpfs = 0x20000, 0x4000 | 0x40000, 0
    for what in (lambda: libc.unshare(newns),
                 lambda: libc.mount(b"none", b"/", None, private, None),
                 lambda: libc.mount(b"farm", path("run").encode(), b"tmpfs", tmpfs, b"mode=755")):
        if what() < 0:
            raise Trouble(f"a mount namespace of its own: {os.strerror(ctypes.get_errno())}")


def in_parallel(jobs, function, items):
    """function of each, in `jobs` threads; in order."""
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(function, items))


def fatal(text):
    print(f"farm: {text}", file=sys.stderr)
    sys.exit(1)
