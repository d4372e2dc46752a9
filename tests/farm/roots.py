"""The roots: targets, and the origins where applications are captured.  Made once."""
import glob
import os
import re
import shutil
import time

import farm
from enter import Machine

# suite, architecture
DEBIAN = {
    "bullseye": ("bullseye", "amd64"),
    "bookworm": ("bookworm", "amd64"),
    "trixie": ("trixie", "amd64"),
    "forky": ("forky", "amd64"),
    "sid": ("sid", "amd64"),
    "bullseye-i386": ("bullseye", "i386"),
    "bookworm-i386": ("bookworm", "i386"),
    "trixie-i386": ("trixie", "i386"),
    "forky-i386": ("forky", "i386"),
    "sid-i386": ("sid", "i386"),
}
ALIEN = ("empty", "musl")
# What the harness itself runs in an origin: strace counts calls.
OURS = "strace ca-certificates"
HOSTS = "127.0.0.1 localhost\n::1 localhost ip6-localhost\n127.0.1.1 farm\n"
APT = ["apt-get", "-q", "-o", "Acquire::Check-Valid-Until=false", "-o", "Acquire::Retries=3",
       "-o", "Dpkg::Options::=--force-unsafe-io", "-o", "APT::Sandbox::User=root"]
QUIET = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}


def mirror():
    """The one that this machine's apt has."""
    for name in sorted(glob.glob("/etc/apt/sources.list") + glob.glob("/etc/apt/sources.list.d/*")):
        with open(name, encoding="utf-8", errors="replace") as f:
            for line in f:
                m = re.match(r"(?:URIs:|deb(?: \[[^]]*\])?)\s+(\S+/debian/?)(?:\s|$)", line)
                if m:
                    return m[1]
    return "http://deb.debian.org/debian"


def root_of(name):
    return farm.path("roots", name)


def complete(root):
    return os.path.isdir(root) and not (
        os.path.exists(root + ".making") or os.path.exists(root + "/debootstrap"))


def targets():
    """Those that we make, then those that somebody has put there."""
    have = os.listdir(farm.path("roots")) if os.path.isdir(farm.path("roots")) else []
    own = [x for x in have if complete(root_of(x)) and x not in DEBIAN and x not in ALIEN]
    return list(ALIEN) + list(DEBIAN) + sorted(own)


def identity(root):
    """Changes when the root is made anew."""
    return str(farm.load(root + ".json", {}).get("made") or os.stat(root).st_mtime_ns)


def describe(root):
    """Name of the system and of its C library, as far as the tree says."""
    text = "busybox only" if root.endswith("/empty") else "unknown"
    try:
        with open(root + "/etc/os-release", encoding="utf-8") as f:
            text = dict(re.findall(r'^(\w+)="?([^"\n]*)', f.read(), re.M)).get("PRETTY_NAME", text)
    except OSError:
        pass
    for name in (glob.glob(root + "/var/lib/dpkg/info/libc6*.list"))[:1]:
        with open(root + "/var/lib/dpkg/status", encoding="utf-8") as f:
            m = re.search(r"^Package: libc6\n(?:.+\n)*?Version: ([0-9.]+)", f.read(), re.M)
            text += f", glibc {m[1]}" if m and name else ""
    return text


def ensure(name):
    """The target's root; made if it is not there.  Trouble says why it cannot be."""
    root = root_of(name)
    if complete(root):
        return root
    os.makedirs(farm.path("roots"), exist_ok=True)
    if name in ALIEN:
        make_alien(name, root)
    elif name in DEBIAN:
        make_debian(root, *DEBIAN[name])
    else:
        raise farm.Trouble(f"no root {name} in {farm.path('roots')}")
    return root


def making(root):
    """Marks it unfinished; a half one goes."""
    farm.remove(root)
    os.makedirs(root)
    with open(root + ".making", "w", encoding="utf-8"):
        pass


def made(root, **facts):
    farm.save(root + ".json", {"made": time.strftime("%Y-%m-%d %H:%M:%S"), **facts})
    os.unlink(root + ".making")


def make_debian(root, suite, arch):
    if not shutil.which("debootstrap"):
        raise farm.Trouble("debootstrap is not installed (Debian: debootstrap)")
    farm.say(f"farm: making {root} ({suite}, {arch}) from {mirror()}")
    scripts = "/usr/share/debootstrap/scripts/"
    script = [] if os.path.exists(scripts + suite) else [scripts + "sid"]
    for i in range(3):
        making(root)
        try:
            farm.call("debootstrap", "--variant=minbase", "--arch=" + arch, suite, root, mirror(),
                      *script)
            break
        except farm.Trouble as e:
            farm.say(f"farm: debootstrap, try {i + 1}: {e}")
            time.sleep(3)
    else:
        farm.remove(root)
        raise farm.Trouble(f"debootstrap of {suite} ({arch}) failed three times")
    for pattern in ("/var/cache/apt/archives/*.deb", "/var/lib/apt/lists/*_*"):
        for x in glob.glob(root + pattern):
            os.unlink(x)
    # debootstrap copies these from this machine.
    write(root + "/etc/hosts", HOSTS)
    write(root + "/etc/hostname", "farm\n")
    write(root + "/etc/resolv.conf", "")
    made(root)


def write(name, text, mode=0o644):
    if os.path.islink(name):
        os.unlink(name)
    os.makedirs(os.path.dirname(name), exist_ok=True)
    with open(name, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(name, mode)


def busybox():
    name = shutil.which("busybox")
    if not name:
        raise farm.Trouble("busybox is not installed (Debian: busybox-static)")
    if "INTERP" in farm.call("readelf", "-lW", name):
        raise farm.Trouble(f"{name} is not static (Debian: busybox-static)")
    return name


def make_alien(name, root):
    """One static busybox and links to it; musl: also that C library, and who it is."""
    making(root)
    for d in ("bin", "dev", "proc", "sys", "tmp"):
        os.makedirs(f"{root}/{d}", exist_ok=True)
    os.chmod(root + "/tmp", 0o1777)
    shutil.copy(busybox(), root + "/bin/busybox")
    for x in farm.call(busybox(), "--list").split():
        if x != "busybox":
            os.symlink("busybox", f"{root}/bin/{x}")
    if name == "musl":
        add_musl(root)
    made(root)


def add_musl(root):
    """As the Debian package musl has it, in the places where musl systems have it."""
    origin = ensure("bookworm")
    with farm.scratch() as d:
        for deb in download(origin, ["musl"], d):
            farm.call("dpkg-deb", "-x", deb, d + "/x")
        os.makedirs(root + "/lib")
        lib = glob.glob(d + "/x/**/libc.so", recursive=True) + glob.glob(
            d + "/x/**/ld-musl-x86_64.so.1", recursive=True)
        lib = [x for x in lib if not os.path.islink(x)]
        if not lib:
            raise farm.Trouble("the package musl has no libc.so")
        shutil.copy(lib[0], root + "/lib/ld-musl-x86_64.so.1")
    os.symlink("ld-musl-x86_64.so.1", root + "/lib/libc.musl-x86_64.so.1")
    write(root + "/etc/os-release", 'ID=musl\nPRETTY_NAME="musl and busybox"\n')
    write(root + "/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")
    write(root + "/etc/group", "root:x:0:\n")
    write(root + "/etc/hosts", HOSTS)


def apt(root, keep, words, places=(), limit=3600):
    """apt-get inside of a root, with this machine's network; keep: the root changes."""
    with Machine(root, keep=keep) as m:
        m.option("--net")
        if os.path.exists("/etc/resolv.conf"):
            m.bind("/etc/resolv.conf", "/etc/resolv.conf", "ro")
        for src, dst in places:
            m.bind(src, dst)
        proxies = {k: v for k, v in os.environ.items() if k.lower().endswith("_proxy")}
        script = " && ".join(words)
        r = m.run(["sh", "-c", script], "/", limit, {"HOME": "/root", **QUIET, **proxies})
    text = r.out.decode(errors="replace") + r.text()
    if r.status != 0:
        errors = [x for x in text.splitlines() if x.startswith("E:")]
        raise farm.Trouble(f"apt in {root}: {(errors or [farm.last_line(text)])[0]}")
    return text


APT_SH = " ".join(APT)


def download(root, names, to):
    """Fetches Debian packages with the apt of a root into the directory `to`."""
    apt(root, False, [f"{APT_SH} update", "cd /fetch", f"{APT_SH} download {' '.join(names)}"],
        [(to, "/fetch")])
    return sorted(glob.glob(to + "/*.deb"))


def origin(name, apps):
    """The root in which `apps` are captured, with all their packages; and a dict of those
    whose packages cannot be had: name → reason."""
    root = farm.path("origins", name)
    os.makedirs(farm.path("origins"), exist_ok=True)
    if not complete(root):
        make_debian(root, *DEBIAN[name])
        write(root + "/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0o755)
    facts = farm.load(root + ".json", {})
    have, lacking = set(facts.get("packages", [])), {}
    wanted = {x.name: set(x.packages) - have for x in apps}
    if not have:
        wanted[""] = set(OURS.split())
    missing = sorted(set().union(*wanted.values()))
    if not missing:
        return root, lacking
    farm.say(f"farm: {name}, for capture: installing {' '.join(missing)}")
    began = time.monotonic()
    prepare_apt(root, missing)
    try:
        install(root, missing)
        have |= set(missing)
    except farm.Trouble as e:
        farm.say(f"farm: {e}: one application after the other")
        for app, words in wanted.items():
            try:
                install(root, sorted(words))
                have |= words
            except farm.Trouble as why:
                lacking[app] = str(why)
    farm.save(root + ".json", {**facts, "packages": sorted(have)})
    farm.say(f"farm: {name}: installed in {time.monotonic() - began:.0f} s")
    return root, lacking


def prepare_apt(root, packages):
    commands = [f"{APT_SH} update"]
    if any(x.endswith(":i386") for x in packages):
        commands.insert(0, "dpkg --add-architecture i386")
    for i in range(3):
        try:
            apt(root, True, commands)
            return
        except farm.Trouble as e:
            if i == 2:
                raise
            farm.say(f"farm: {e}")
            time.sleep(3)


def install(root, packages):
    if packages:
        apt(root, True, [f"{APT_SH} install -y --no-install-recommends {' '.join(packages)} "
                         "</dev/null", f"{APT_SH} clean"])
