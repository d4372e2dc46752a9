#!/bin/sh
# pack and unpack: the same package comes back, byte for byte, from every format, and two
# packs are the same file.
# timeout: 120
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/pkg.inc"
need python3
tool
mkdir d && head -c 300000 /dev/urandom >d/rand && ln -s rand d/link && chmod 640 d/rand
ln -s "$(printf 'to \377 \033[31m')" "$(printf 'dangling\nlink')"
ln -s / abs && ln -s .. up && mkfifo fifo && chmod 700 tool
truncate -s 3000000 hole && printf x | dd of=hole bs=1 seek=1500000 conv=notrunc 2>/dev/null
truncate -s 1000000 all_hole
: >empty
printf nfd >"$(printf 'e\314\201')"
odd_names
capture sh -c './tool cat d/link >/dev/null; cat ./[a-e]* ./*nl* ./*line ./*f hole all_hole 2>/dev/null; ls -lR . >/dev/null; cat < empty'
native ./tool cat d/link
move_package
r=$PACKAGE/cde-root$SRC
cp -a "$SRC/." "$r/" || broken cp # all of them, with holes and times
ln "$r/d/rand" "$r/hard" && ln "$r/d/rand" "$PACKAGE/cde-root/a hard one"
setfattr -n user.note -v value "$r/empty" 2>/dev/null && setfattr -n user.a -v other "$r/empty" &&
	setfattr -n user.dir -v 1 "$r/d"
chmod 1777 "$r/d"

# What there is, with all that must come back (links have no mode of their own).
facts()
{
	(cd "$1" && find . -mindepth 1 ! -path './manifest.db*' ! -path './.tmp*' \
		! -path './.dropped*' -printf '%P %y %m %n %T@ %l %s\0' |
		sed -z 's/^\([^\0]* d [0-7]* \)[0-9]* \([^ ]*\)  [0-9]*$/\1\2/' | LC_ALL=C sort -z)
	(cd "$1" && find . -type f ! -path './manifest.db*' ! -path './.tmp*' -exec sha256sum -z {} + |
		LC_ALL=C sort -z)
	(cd "$1" && getfattr -R -h -P -m '^user' -d cde-root 2>/dev/null | LC_ALL=C sort)
}
facts "$PACKAGE" >"$WORK/before"
for f in tar.zst tar.gz tar.xz; do
	pkg pack -o "$WORK/a.$f"
	status_is pkg 0
	pkg unpack "$WORK/a.$f" "$WORK/un.$f"
	status_is pkg 0
	facts "$WORK/un.$f" >"$WORK/after"
	cmp -s "$WORK/before" "$WORK/after" || {
		tr '\0' '\n' <"$WORK/before" >"$WORK/b.txt"
		tr '\0' '\n' <"$WORK/after" | diff -a "$WORK/b.txt" - | cat -v | head -20
		fail "$f: not what was packed"
	}
	[ "$(stat -c %b "$WORK/un.$f/cde-root$SRC/hole")" -lt 2000 ] || fail "$f: the hole was filled"
done
# The manifest, too, but for the log of edits; what came out is a package.
sqlite3 "$PACKAGE/manifest.db" .dump | grep -v 'INTO edit' >"$WORK/db1"
sqlite3 "$WORK/un.tar.gz/manifest.db" .dump | grep -v 'INTO edit' >"$WORK/db2"
cmp "$WORK/db1" "$WORK/db2" || fail "the manifest is another"
before=$PACKAGE
PACKAGE=$WORK/un.tar.gz
mv "$SRC" "$SRC.away"
replay ./tool cat d/link
mv "$SRC.away" "$SRC"
same_output native replay noerr
PACKAGE=$before

# Again, and a moved copy under another name, zone and locale: the same bytes.
cp -a "$PACKAGE" "$WORK/another name"
for f in tar.zst tar.gz tar.xz; do
	TZ=Asia/Tokyo LC_ALL=C record pkg "$CDE_BIN/cde-pkg" pack -p "$WORK/another name" -o "$WORK/b.$f"
	status_is pkg 0
	cmp "$WORK/a.$f" "$WORK/b.$f" || fail "$f: two packs differ"
done
SOURCE_DATE_EPOCH=1000000000 pkg pack -o "$WORK/e.tar.gz"
status_is pkg 0
[ "$(tar tvf "$WORK/e.tar.gz" --full-time --utc 2>/dev/null | grep -c ' 2001-09-09 ')" -gt 10 ] ||
	fail "SOURCE_DATE_EPOCH is not heeded"
python3 - "$WORK/a.tar.gz" "$WORK/e.tar.gz" <<'EOF' || fail "what is in it is not in order"
import sys, tarfile
t = tarfile.open(sys.argv[1])
assert all(m.uid == 0 and m.gid == 0 and not m.uname for m in t), "owners"
assert not any("/.tmp" in m.name or "/.dropped" in m.name for m in t), "left overs"
assert max(m.mtime for m in tarfile.open(sys.argv[2])) <= 1000000000, "times"
EOF
pkg pack --owner -o "$WORK/o.tar.gz"
[ "$(tar tvf "$WORK/o.tar.gz" --numeric-owner 2>/dev/null | grep "d/rand" | grep -c "$(id -u)/$(id -g)")" -ge 1 ] ||
	fail "--owner: not the owner of the manifest"

# A zip has no FIFOs, xattrs, holes, and only names that are UTF-8.
pkg pack -o "$WORK/a.zip"
status_is pkg 1
err_has pkg "not UTF-8"
rm "$r"/bad* "$r"/dangling* && rm -f "$r/$(printf 'e\314\201')"
pkg pack -o "$WORK/a.zip"
status_is pkg 0
grep -q 'left_out *1' "$WORK/pkg.out" || { show pkg; fail "the FIFO is not counted"; }
rm -rf "$WORK/another name" && cp -a "$PACKAGE" "$WORK/another name"
TZ=Asia/Tokyo LC_ALL=C record pkg "$CDE_BIN/cde-pkg" pack -p "$WORK/another name" -o "$WORK/b.zip"
cmp "$WORK/a.zip" "$WORK/b.zip" || fail "zip: two packs differ"
pkg unpack "$WORK/a.zip" "$WORK/un.zip"
status_is pkg 0
rm "$r/fifo"
record d diff -r --no-dereference -x .tmp -x manifest.db "$PACKAGE" "$WORK/un.zip"
status_is d 0

# Archives that tar makes: with the directory, and of what is in it.
tar cf "$WORK/t1.tar.gz" -z -C "${PACKAGE%/*}" cde-package && tar cf "$WORK/t2.tar" -C "$PACKAGE" .
cd "$WORK" || broken cd
for f in t1.tar.gz t2.tar; do
	rm -rf cde-package
	pkg unpack $f
	status_is pkg 0
	record d diff -r --no-dereference "$PACKAGE" cde-package
	status_is d 0
done

# Looking into an archive; it cannot be changed, and nothing of it stays.
mkdir "$WORK/tmp"
export TMPDIR="$WORK/tmp"
looks() { record pkg "$CDE_BIN/cde-pkg" "$1" -p "$WORK/a.tar.zst" "${2-}"; }
looks cat "$SRC/d/link"
cmp "$WORK/pkg.out" "$SRC/d/rand" || fail "cat of an archive"
looks ls
out_has pkg "$SRC/d/rand"
looks du --by=type
status_is pkg 0
looks drop "$SRC/d/rand"
status_is pkg 1
err_has pkg "cannot be changed"
"$CDE_BIN/cde-pkg" ls -p "$WORK/a.tar.zst" >"$WORK/fifo.out" &
kill -9 $!
wait $! 2>/dev/null
none() { [ -z "$(ls -A "$TMPDIR")" ]; }
wait_for none
exit 0
