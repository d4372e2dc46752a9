#!/bin/sh
# Archives that mean harm: each is refused with its reason, nothing is written elsewhere,
# and nothing is left; the honest one beside them comes out.
# timeout: 120
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/pkg.inc"
need python3
mkdir "$WORK/in" "$WORK/out" "$WORK/outside"
echo precious >"$WORK/outside/file"
python3 - "$WORK/in" "$WORK/outside" <<'EOF' || broken "no archives"
import gzip, io, os, stat, struct, sys, tarfile, zipfile
where, outside = sys.argv[1:]
P = "cde-package/"
R = P + "cde-root/"

def info(name, kind=tarfile.REGTYPE, link="", mode=0o644, **more):
    i = tarfile.TarInfo(name)
    i.type, i.linkname, i.mode = kind, link, mode
    for k, v in more.items():
        setattr(i, k, v)
    return i

def make(name, entries, mode="w:gz", base=True):
    with tarfile.open(f"{where}/{name}", mode, format=tarfile.PAX_FORMAT) as t:
        if base:
            for d in (P, P + "cde-root", R + "etc"):
                t.addfile(info(d, tarfile.DIRTYPE, mode=0o755))
        for e in entries:
            i, data = e if isinstance(e, tuple) else (e, b"evil")
            if i.type == tarfile.REGTYPE and not i.size:
                i.size = len(data)
            t.addfile(i, io.BytesIO(data) if i.size == len(data) else None)

D, L, H = tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE
up = "../" * 12
make("good.tar.gz", [info(R + "x\x1b]0;title\x07"), info(R + "bin/su", mode=0o6755),
                     info(R + "etc/bad\udcff"), info(R + "abs", L, outside),
                     info(R + "up", L, up + outside[1:] + "/file"),
                     info(R + "set", D, mode=0o7777)])
bad = {
    "absolute": [info(outside + "/new")],
    "absolute_dir": [info(outside + "/newdir", D)],
    "dotdot": [info(R + up + outside[1:] + "/new")],
    "dotdot_end": [info(R + "etc/..", D)],
    "dotdot_hidden": [info("cde-package/./cde-root/..//../../outside/new")],
    "link_through": [info(R + "d", L, outside), info(R + "d/new")],
    "link_through_file": [info(R + "f", L, outside + "/file"), info(R + "f")],
    "link_through_dir": [info(R + "d", L, outside), info(R + "d", D, mode=0o777)],
    "link_up": [info(R + "d", L, up + outside[1:]), info(R + "d/new")],
    "link_link": [info(R + "a", L, outside), info(R + "b", L, "a"), info(R + "b/new")],
    "link_in": [info(R + "a", L, "etc"), info(R + "a/new")],
    "parent_file": [info(R + "a"), info(R + "a/b")],
    "hard_absolute": [info(R + "h", H, outside + "/file")],
    "hard_up": [info(R + "h", H, R + up + outside[1:] + "/file")],
    "hard_by_link": [info(R + "l", L, outside), info(R + "h", H, R + "l/file")],
    "hard_to_link": [info(R + "l", L, outside + "/file"), info(R + "h", H, R + "l")],
    "hard_to_dir": [info(R + "h", H, R + "etc")],
    "hard_write": [info(R + "a"), info(R + "h", H, R + "a"), info(R + "h")],
    "device": [info(R + "null", tarfile.CHRTYPE, devmajor=1, devminor=3)],
    "block": [info(R + "sda", tarfile.BLKTYPE, devmajor=8)],
    "twice": [info(R + "a"), info(R + "a")],
    "twice_case": [info(R + "a", D), info(R + "a")],
    "top_link": [info(P + "cde.options", L, outside + "/file")],
    "top_fifo": [info(P + "cde.log", tarfile.FIFOTYPE)],
    "nothing": [],
    "deep": [info(R + "d/" * 900 + "f")],
    "long": [info(R + ("x" * 200 + "/") * 30 + "f")],
    "component": [info(R + "x" * 300)],
    "escape": [info(R + "\x1b[2J/../x")],
}
for name, entries in bad.items():
    make(f"bad_{name}.tar.gz", entries, base=name != "nothing")
make("bad_rootlink.tar.gz", [info(P, D, mode=0o755), info(P + "cde-root", L, outside)], base=False)
make("bad_toplink.tar.gz", [info("cde-package", L, outside), info("cde-package/cde-root", D)], base=False)
make("bad_two.tar.gz", [info("one/cde-root", D), info("two/cde-root", D)], base=False)
make("many.tar.gz", [info(R + f"f{i}") for i in range(300)])
make("many_parents.tar.gz", [info(R + f"{i}/" + "d/" * 100 + "f") for i in range(4)])

# Sizes that are not true, or more than there can be.
def raw(name, size):
    i = info(R + "huge", size=size)
    head = b"".join(info(d, D, mode=0o755).tobuf() for d in (P, R))
    with gzip.open(f"{where}/{name}", "wb") as f:
        f.write(head + i.tobuf(tarfile.GNU_FORMAT) + b"x" * 512)
raw("bad_huge.tar.gz", 1 << 62)
raw("bad_short.tar.gz", 4096)
raw("bad_negative.tar.gz", -5)
with gzip.open(f"{where}/bomb.tar.gz", "wb", compresslevel=9) as f:
    i = info(R + "zero", size=64 << 20)
    f.write(b"".join(info(d, D, mode=0o755).tobuf() for d in (P, R)) + i.tobuf())
    for _ in range(64):
        f.write(bytes(1 << 20))

good = open(f"{where}/good.tar.gz", "rb").read()
open(f"{where}/bad_cut.tar.gz", "wb").write(good[:len(good) // 2])
open(f"{where}/bad_empty.tar.gz", "wb").write(b"")
open(f"{where}/bad_text.tar.gz", "wb").write(b"#!/bin/sh\nrm -rf /\n" * 100)
plain = bytearray(gzip.decompress(good))
plain[512 + 20] ^= 0xff # a header whose checksum is wrong
open(f"{where}/bad_header.tar", "wb").write(plain)
broken = bytearray(good)
for k in range(20, 60):
    broken[k] ^= 0x5a
open(f"{where}/bad_bytes.tar.gz", "wb").write(broken)

def zip_make(name, files):
    with zipfile.ZipFile(f"{where}/{name}", "w") as z:
        z.writestr(R + "fine", "fine")
        for n, mode, data in files:
            i = zipfile.ZipInfo(n)
            i.create_system, i.external_attr = 3, mode << 16
            z.writestr(i, data)
zip_make("bad_zip_up.zip", [(R + up + "x", 0o100644, "evil")])
zip_make("bad_zip_abs.zip", [(outside + "/new", 0o100644, "evil")])
zip_make("bad_zip_link.zip", [(R + "l", 0o120777, outside), (R + "l/new", 0o100644, "evil")])
zip_make("bad_zip_device.zip", [(R + "dev", 0o020666, "")])
EOF

# tried NAME ARG…: an error with a reason, without escapes; nothing is left or changed.
tried()
{
	t_name=$1
	shift
	pkg unpack "$@" "$WORK/in/$t_name" "$WORK/out/p"
	[ "$(cat "$WORK/pkg.status")" = 1 ] || { show pkg; fail "$t_name: status $(cat "$WORK/pkg.status")"; }
	[ -s "$WORK/pkg.err" ] || fail "$t_name: no reason"
	[ "$(tr -dc '\033' <"$WORK/pkg.err" | wc -c)" = 0 ] || fail "$t_name: an escape in the error"
	[ -z "$(ls -A "$WORK/out")" ] || fail "$t_name: left $(ls -AR "$WORK/out")"
	[ "$(ls -A "$WORK/outside")" = file ] && [ "$(cat "$WORK/outside/file")" = precious ] ||
		fail "$t_name: wrote outside"
	[ "$(stat -c %h "$WORK/outside/file")" = 1 ] || fail "$t_name: a hard link to a file outside"
}
n=0
for f in "$WORK"/in/bad_*; do
	tried "${f##*/}"
	n=$((n + 1))
done
echo "$n archives were refused"
[ $n -ge 40 ] || fail "too few archives"
for f in bad_dotdot.tar.gz:'".."' bad_absolute.tar.gz:absolute bad_link_through.tar.gz:'no directory' \
	bad_twice.tar.gz:'two of this name' bad_device.tar.gz:device bad_hard_up.tar.gz:'".."' \
	bad_top_link.tar.gz:'neither file nor directory' bad_cut.tar.gz:damaged bad_huge.tar.gz:'more than' \
	bad_two.tar.gz:'no package' bad_deep.tar.gz:'too deep'; do
	tried "${f%%:*}"
	err_has pkg "${f#*:}"
done
tried many.tar.gz --max-entries 200
err_has pkg "more than 200 entries"
tried many_parents.tar.gz --max-entries 200
err_has pkg "more than 200 entries"
tried bomb.tar.gz --max-bytes 1000000
err_has pkg "more than 1000000 bytes"
# The same when it is only looked into.
mkdir "$WORK/tmp"
TMPDIR=$WORK/tmp record pkg "$CDE_BIN/cde-pkg" ls -p "$WORK/in/bad_link_through.tar.gz"
status_is pkg 1
[ -z "$(ls -A "$WORK/tmp")" ] || fail "a refused archive is still in TMPDIR"

pkg unpack "$WORK/in/good.tar.gz" "$WORK/out/p"
status_is pkg 0
p=$WORK/out/p/cde-root
[ "$(stat -c %a "$p/bin/su")" = 755 ] || fail "a set-id bit was kept"
[ "$(stat -c %a "$p/set")" = 1777 ] || fail "a set-id bit was kept on a directory"
[ "$(readlink "$p/abs")" = "$WORK/outside" ] || fail "the text of a link was changed"
[ "$(cat "$p/etc/bad$(printf '\377')")" = evil ] || fail "a name that is not UTF-8"
record pkg "$CDE_BIN/cde-pkg" cat -p "$WORK/out/p" /up
status_is pkg 1
exit 0
