#!/bin/sh
# A program looks for a file in several places.  Where capture found nothing in the first
# ones, a file of this machine there does not come before the packaged one; what the package
# has not at all is this machine's; a rule, and who drops the packaged file, has it otherwise.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
any_engine
need unshare
unshare -rm mount -t tmpfs none /opt 2>/dev/null || skip 'no user namespace with an /opt of its own'
cat >find.sh <<'END'
for what in mod extra; do
	for place in first second third; do
		[ -e /opt/"$place"/$what ] || continue
		cat /opt/"$place"/$what
		break
	done
done
END
cat >all.sh <<'END'
set -e
mount -t tmpfs none /opt
mkdir /opt/first /opt/second /opt/third
echo packaged >/opt/third/mod
"$CDE_BIN/cde" -q -o "$PACKAGE" --engine "$CAPTURE_ENGINE" sh find.sh
run() { "$PACKAGE/cde-exec" --engine "$EXEC_ENGINE" sh find.sh; }
echo 'as captured:'; run
echo host >/opt/first/mod
echo host >/opt/second/mod
echo 'host extra' >/opt/second/extra
echo own >/opt/first/own
echo 'with files of this machine:'; run
"$PACKAGE/cde-exec" --engine "$EXEC_ENGINE" --why sh find.sh 2>&1 >/dev/null | grep -c /opt/third/mod
"$PACKAGE/cde-exec" --engine "$EXEC_ENGINE" sh -c 'echo /opt/first/*'
# moved by an archive
"$CDE_BIN/cde-pkg" pack -p "$PACKAGE" -o "$WORK/p.tar.gz" >/dev/null
"$CDE_BIN/cde-pkg" unpack "$WORK/p.tar.gz" "$WORK/un" >/dev/null
echo 'unpacked:'; "$WORK/un/cde-exec" --engine "$EXEC_ENGINE" sh find.sh
cp "$PACKAGE/cde.options" "$WORK/options"
echo ignore_exact=/opt/second/mod >>"$PACKAGE/cde.options"
echo 'by a rule:'; run
mv "$WORK/options" "$PACKAGE/cde.options"
mv "$PACKAGE/cde-root/opt/third/mod" "$WORK/mod"
echo 'when the package has none:'; run
mv "$WORK/mod" "$PACKAGE/cde-root/opt/third/mod"
# a further run adds its own, and forgets none
rm /opt/second/extra
echo 'more' >/opt/third/extra
echo 'second run:'
"$CDE_BIN/cde" -q -o "$PACKAGE" --engine "$CAPTURE_ENGINE" sh find.sh >/dev/null
rm -f /opt/first/mod /opt/third/mod
echo host >/opt/second/mod; echo host >/opt/first/extra
run
END
mkdir -p "${PACKAGE%/*}"
export PACKAGE CAPTURE_ENGINE EXEC_ENGINE WORK
record all unshare -rm sh all.sh
status_is all 0
out_is all 'packaged
as captured:
packaged
with files of this machine:
packaged
host extra
2
/opt/first/own
unpacked:
packaged
host extra
by a rule:
host
host extra
when the package has none:
host
host extra
second run:
host
more'
