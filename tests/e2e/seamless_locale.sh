#!/bin/sh
# The language in seamless mode: the user's, if he has chosen one and its data are seen, on
# this machine or in the package; else, and for C and POSIX, the captured one.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
any_engine
need unshare localedef date
unshare -rm mount -t tmpfs none /usr/lib/locale 2>/dev/null ||
	skip 'no user namespace with a /usr/lib/locale of its own'
unset LC_ALL LANG LANGUAGE LC_TIME
mkdir -p "$WORK/in/usr/lib/locale" "${PACKAGE%/*}"
localedef --no-archive -i de_DE -f UTF-8 "$WORK/de_DE.utf8" >"$WORK/made" 2>&1 &&
	localedef --prefix="$WORK/in" -i fr_FR -f UTF-8 fr_FR.UTF-8 >>"$WORK/made" 2>&1 ||
	skip 'localedef cannot make a locale (Debian: locales)'
record capture env LANG=C.UTF-8 "$CDE_BIN/cde" -q -o "$PACKAGE" --engine "$CAPTURE_ENGINE" \
	date -d 2000-01-02 +%A
out_is capture Sunday
cat >here.sh <<'END'
mount -t tmpfs none /usr/lib/locale
cp -r "$WORK/de_DE.utf8" "$WORK/in/usr/lib/locale/locale-archive" /usr/lib/locale/
day() { env "$@" "$PACKAGE/date.cde" -d 2000-01-02 +%A; }
echo "nothing chosen: $(day A=1)"
echo "files: $(day LANG=de_DE.UTF-8)"
echo "archive: $(day LANG=fr_FR.utf8)"
echo "one of them: $(day LANG=de_DE.UTF-8 LC_TIME=fr_FR.UTF-8)"
echo "all of it: $(day LANG=xx_XX.UTF-8 LC_ALL=de_DE.UTF-8)"
echo "none: $(day LANG=C)"
echo "not here: $(day LANG=xx_XX.UTF-8)"
echo "in part: $(day LANG=de_DE.UTF-8 LC_TIME=xx_XX.UTF-8)"
echo "no name: $(day LANG=../../../etc)"
echo redirect_prefix=/usr/lib/locale >>"$PACKAGE/cde.options"
echo "by a rule: $(day LANG=de_DE.UTF-8)"
cd "$PACKAGE/cde-root$PWD" || exit
echo "inside: $(LANG=de_DE.UTF-8 "$PACKAGE/cde-exec" --engine "$EXEC_ENGINE" date -d 2000-01-02 +%A)"
END
export PACKAGE WORK EXEC_ENGINE
record here unshare -rm sh here.sh
out_is here 'nothing chosen: Sunday
files: Sonntag
archive: dimanche
one of them: dimanche
all of it: Sonntag
none: Sunday
not here: Sunday
in part: Sunday
no name: Sunday
by a rule: Sunday
inside: Sunday'
# An archive that is none.
cat >broken.sh <<'END'
mount -t tmpfs none /usr/lib/locale
for size in 0 20 28 4000; do
	head -c $size "$WORK/in/usr/lib/locale/locale-archive" >/usr/lib/locale/locale-archive
	LANG=fr_FR.UTF-8 "$PACKAGE/date.cde" -d 2000-01-02 +%A
done
END
record broken unshare -rm sh broken.sh
out_is broken 'Sunday
Sunday
Sunday
Sunday'
