"""Other kernels: Debian's, in a virtual machine that is emulated (qemu, no KVM)."""
import glob
import os
import re
import shutil
import subprocess

import farm
import roots
from capture import HOME, forget_result, keep_result
from cell import OTHER, judge
from enter import Result

# Debian suites whose kernel packages are tried; the target root with that apt.
SUITES = ("bullseye", "bookworm", "trixie", "sid")
# For a machine without drivers: small, and all that is needed is built in.
PACKAGE = "linux-image-cloud-amd64"
APPS = 5
MEMORY = 3072
SLOWER = 20
CELLS = (("auto", "sandbox"), ("ptrace", "sandbox"), ("auto", "seamless"))


def fetch(suite):
    """The kernel of a suite: its vmlinuz."""
    to = farm.path("kernels", suite)
    found = glob.glob(to + "/vmlinuz-*")
    if found:
        return found[0]
    os.makedirs(to, exist_ok=True)
    root = roots.ensure(suite)
    farm.say(f"farm: fetching the kernel of {suite}")
    # Since 2026 the image is in a package of its own.
    depends = "apt-cache depends {} | sed -n 's/^ *Depends: *\\({}-.*\\)/\\1/p'"
    script = [f"{roots.APT_SH} update >/dev/null",
              f"p=$({depends.format(PACKAGE, 'linux-image')} | head -n 1)",
              f"b=$({depends.format('${p:?no kernel package}', 'linux-binary')})",
              "cd /fetch", f"{roots.APT_SH} download $p $b"]
    with farm.scratch() as d:
        roots.apt(root, False, script, [(d, "/fetch")])
        for deb in glob.glob(d + "/*.deb"):
            farm.call("dpkg-deb", "-x", deb, d + "/x")
        images = [x for x in glob.glob(d + "/x/**/vmlinuz*", recursive=True) if os.path.isfile(x)]
        if not images:
            raise farm.Trouble(f"the kernel package of {suite} has no vmlinuz")
        release = re.search(r"[0-9][^/]*(?=/vmlinuz)|(?<=vmlinuz-)[0-9].*", images[0])[0]
        shutil.copy(images[0], f"{to}/vmlinuz-{release}")
    return fetch(suite)


def key(capture, image):
    return farm.digest(capture.record["key"], image, os.path.join(farm.BIN, "enter"),
                       os.path.join(farm.HERE, "boot.sh"), "2")


def steps(capture):
    """What is done in the machine, as a script."""
    app, package = capture.app, f"{OTHER}/packages/{capture.app.name}"
    inside = f"{package}/cde-root{HOME}/{app.name}"
    text = []
    for i, (engine, mode) in enumerate(CELLS):
        task = app.first if mode == "sandbox" else app.second
        cwd = inside if mode == "sandbox" else f"{OTHER}/{app.name}"
        text.append(f"""
rm -rf {package}; cp -a /pristine {package}; mkdir -p /result/{i}
/farm/enter --here --user other {farm.UID} {OTHER} --env HOME={OTHER} --env USER=other \\
	--env PATH=/bin --env TERM=xterm --env LANG=C --dir {cwd} -- {package}/cde-exec --why \\
	--engine {engine} sh -c {quote(task)} </dev/null >/result/{i}/stdout 2>/result/{i}/stderr
echo $? >/result/{i}/status
[ ! -d {cwd}/out ] || cp -a {cwd}/out /result/{i}/out
""")
    # How it would be captured here.
    text.append("""
mkdir -p /work && chmod 777 /work
/farm/enter --here --user other 1001 /work --env HOME=/work --env PATH=/bin --dir /work -- \\
	/farm/cde --why -o /work/p /bin/busybox true >/result/capture 2>&1
""")
    return "".join(text)


def quote(text):
    return "'" + text.replace("'", "'\\''") + "'"


def image_of(capture, to):
    """The initial file system: a static busybox, and the package on the machine to be."""
    app = capture.app
    os.makedirs(to + "/bin")
    shutil.copy(roots.busybox(), to + "/bin/busybox")
    shutil.copy(os.path.join(farm.HERE, "boot.sh"), to + "/init")
    os.chmod(to + "/init", 0o755)
    system = to + "/payload"
    farm.copy_tree(roots.root_of("empty"), system)
    roots.write(system + "/etc/passwd",
                f"root:x:0:0:root:/:/bin/sh\nother:x:{farm.UID}:{farm.UID}::{OTHER}:/bin/sh\n")
    roots.write(system + "/etc/group", f"root:x:0:\nother:x:{farm.UID}:\n")
    roots.write(system + "/etc/hosts", roots.HOSTS)
    roots.write(system + "/farm/steps", steps(capture))
    for name in (os.path.join(farm.HERE, "boot.sh"), farm.BIN + "/enter", farm.BIN + "/cde",
                 farm.BIN + "/cde-exec"):
        shutil.copy(name, system + "/farm")
    os.chmod(system + "/farm/boot.sh", 0o755)
    farm.copy_tree(capture.package, system + "/pristine")
    own = f"{system}{OTHER}/{app.name}"
    os.makedirs(own + "/out")
    os.makedirs(f"{system}{OTHER}/packages")
    for x in app.second_files:
        os.makedirs(os.path.dirname(f"{own}/{x}"), exist_ok=True)
        farm.copy_tree(f"{capture.dir}/prepared/{x}", f"{own}/{x}")
    farm.call("chown", "-R", f"{farm.UID}:{farm.UID}", system + OTHER)
    archive = to + ".cpio"
    with open(archive, "wb") as f:
        names = subprocess.run(["find", ".", "-print0"], cwd=to, check=True, capture_output=True)
        subprocess.run(["cpio", "--null", "-o", "-H", "newc", "--quiet"], cwd=to, check=True,
                       input=names.stdout, stdout=f)
    farm.remove(to)
    return archive


def boot(image, archive, d, limit):
    """Runs the machine; the directory with the files of its /result.  An emulated machine
    may find its own clock too slow where this one has much to do: such a one is tried again."""
    for _ in range(3):
        run_machine(image, archive, d, limit)
        with open(d + "/console", encoding="utf-8", errors="replace") as f:
            if "booted" in f.read():
                break
    os.makedirs(d + "/x")
    try:
        farm.call("tar", "-xzf", d + "/result", "-C", d + "/x")
    except farm.Trouble as e:
        raise farm.Trouble(f"the machine left no result: {console(d)}") from e
    return d + "/x/result"


def run_machine(image, archive, d, limit):
    argv = ["qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-smp", "1", "-m", str(MEMORY),
            "-kernel", image, "-initrd", archive, "-append", "console=ttyS0 quiet panic=-1 no_timer_check",
            "-display", "none", "-no-reboot", "-monitor", "none", "-nic", "none",
            "-serial", f"file:{d}/console", "-serial", f"file:{d}/result"]
    try:
        p = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                           stderr=subprocess.PIPE, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        raise farm.Trouble(f"the machine was not finished after {limit} s: {console(d)}") from None
    except OSError as e:
        raise farm.Trouble(f"qemu-system-x86_64: {e.strerror} (Debian: qemu-system-x86)") from e
    if p.returncode:
        raise farm.Trouble(f"qemu: {farm.last_line(p.stderr.decode(errors='replace'))}")


def console(d):
    with open(d + "/console", encoding="utf-8", errors="replace") as f:
        return farm.last_line(f.read())


def read(name):
    try:
        with open(name, "rb") as f:
            return f.read()
    except OSError:
        return b""


def cells_of(capture, image, suite):
    """Boots; a list of results like those of Cell."""
    name = f"kernel,{suite},{capture.app.name}"
    old = farm.known(name, key(capture, image))
    if old:
        return old["cells"]
    with farm.scratch() as d:
        archive = image_of(capture, d + "/image")
        left = boot(image, archive, d, 60 + SLOWER * 3 * capture.app.limit)
        release = read(left + "/uname").decode().strip()
        m = re.search(r"^cde: engine: (.*)", read(left + "/capture").decode(errors="replace"), re.M)
        found = []
        for i, (engine, mode) in enumerate(CELLS):
            task = "first" if mode == "sandbox" else "second"
            status = read(f"{left}/{i}/status").decode().strip()
            r = Result(int(status) if status else None, read(f"{left}/{i}/stdout"),
                       read(f"{left}/{i}/stderr"), (0, 0, 0))
            kept = farm.path("failed", f"kernel,{suite},{capture.app.name},{engine},{mode}")
            keep_result(kept, r, f"{left}/{i}/out")
            x = judge(capture, task, kept, r, False)
            if x["result"] == "pass":
                forget_result(kept)
            found.append({"app": capture.app.name, "target": f"Linux {release}", "engine": engine,
                          "mode": mode, "capture": m[1] if m else "?", "suite": suite, **x})
    farm.keep(name, {"cells": found}, key(capture, image))
    return found


def run(packages, jobs, total):
    """Five applications on each kernel: the smallest packages of the quick ones."""
    few = sorted((x for x in packages if x.app.quick), key=lambda x: x.record["size"])[:APPS]
    try:
        roots.ensure("empty")
    except farm.Trouble as e:
        total.add("kernels", "n/a", str(e))
        return
    work = []
    for suite in SUITES:
        try:
            image = fetch(suite)
        except farm.Trouble as e:
            total.add(f"kernel of {suite}", "n/a", str(e))
            continue
        work += [(capture, image, suite) for capture in few]

    def one(x):
        try:
            for found in cells_of(*x):
                total.cell(found)
        except farm.Trouble as e:
            total.add(f"{x[0].app.name} on the kernel of {x[2]}", "fail", str(e))

    farm.in_parallel(jobs, one, work)
    total.so_far()
