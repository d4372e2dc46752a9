#!/bin/sh
# pack and unpack that are interrupted, or find no space, leave nothing.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/pkg.inc"
head -c 60000000 /dev/urandom >large
capture cat large >/dev/null
move_package
mkdir "$WORK/out"
nothing() { [ -z "$(ls -A "$WORK/out")" ]; }
# interrupt SIGNAL VERB…: cde-pkg, as soon as it has begun to write; its status.
interrupt()
{
	i_sig=$1
	shift
	perl -e '
		my ($sig, $out, @cmd) = @ARGV;
		my $pid = fork;
		if (!$pid) {
			# what a script starts in the background ignores SIGINT
			$SIG{INT} = "DEFAULT";
			exec @cmd;
		}
		my $end = time + 20;
		select undef, undef, undef, 0.001 until glob "$out/.cde-*" or time > $end;
		exit 99 if time > $end;
		kill $sig, $pid;
		waitpid $pid, 0;
		exit($? != 0)' "$i_sig" "$WORK/out" "$CDE_BIN/cde-pkg" "$@" >/dev/null 2>&1
}
for sig in INT TERM; do
	interrupt $sig pack -p "$PACKAGE" -o "$WORK/out/x.tar.xz"
	status=$?
	[ $status = 1 ] || fail "$sig: pack: $status"
	nothing || fail "$sig: something is left: $(ls -A "$WORK/out")"
done
pkg pack -o "$WORK/good.tar.zst"
status_is pkg 0
# it may have been at its end
interrupt INT unpack "$WORK/good.tar.zst" "$WORK/out/package"
[ $? != 99 ] || fail "unpack: nothing was seen"
[ -e "$WORK/out/package" ] || nothing || fail "unpack: something is left: $(ls -A "$WORK/out")"
rm -rf "$WORK/out/package"

# Names that do not do; what is there stays.
echo mine >"$WORK/out/mine.tar.gz"
pkg pack -o "$WORK/out/mine.tar.gz"
status_is pkg 1
err_has pkg "there already"
[ "$(cat "$WORK/out/mine.tar.gz")" = mine ] || fail "a file was replaced"
pkg pack -f -o "$WORK/out/mine.tar.gz"
status_is pkg 0
pkg unpack "$WORK/good.tar.zst" "$WORK/out"
status_is pkg 1
err_has pkg "there already"
pkg pack -o "$WORK/out/x.rar"
status_is pkg 2
pkg pack -o "$PACKAGE/x.zip"
status_is pkg 1
err_has pkg "in the package itself"
rm "$WORK/out/mine.tar.gz"
# Staged edits stay at home, and that is said.
pkg drop --stage "$SRC/large"
status_is pkg 0
pkg pack -o "$WORK/out/s.tar.gz"
status_is pkg 0
err_has pkg "1 staged edit will not be in it"
pkg unpack "$WORK/out/s.tar.gz" "$WORK/out/s"
[ "$(sqlite3 "$WORK/out/s/manifest.db" 'SELECT count(*) FROM edit')" = 0 ] || fail "edits went along"
[ -s "$WORK/out/s/cde-root$SRC/large" ] || fail "a staged drop was applied"
pkg edit --discard
rm -rf "$WORK"/out/*

# A full disk: a file size limit everywhere, and a small file system where one can be mounted.
record pkg sh -c "trap '' XFSZ; ulimit -f 1000; exec '$CDE_BIN/cde-pkg' pack -p '$PACKAGE' -o '$WORK/out/x.tar.gz'"
status_is pkg 1
err_has pkg "File too large"
nothing || fail "something is left after the limit"
record pkg sh -c "trap '' XFSZ; ulimit -f 1000; exec '$CDE_BIN/cde-pkg' unpack '$WORK/good.tar.zst' '$WORK/out/p'"
status_is pkg 1
err_has pkg "File too large"
nothing || fail "something is left after the limit"
pkg unpack --max-bytes 1000000 "$WORK/good.tar.zst" "$WORK/out/p"
status_is pkg 1
err_has pkg "more than 1000000 bytes"
unshare -rm true 2>/dev/null || skip "the rest needs a file system of its own (unshare -rm)"
record pkg unshare -rm sh -c "mount -t tmpfs -o size=8m none '$WORK/out' &&
	'$CDE_BIN/cde-pkg' pack -p '$PACKAGE' -o '$WORK/out/x.tar.gz'; s=\$?; ls -A '$WORK/out'; exit \$s"
status_is pkg 1
err_has pkg "No space left"
out_is pkg ""
record pkg unshare -rm sh -c "mount -t tmpfs -o size=8m none '$WORK/out' &&
	'$CDE_BIN/cde-pkg' unpack '$WORK/good.tar.zst' '$WORK/out/p'; s=\$?; ls -A '$WORK/out'; exit \$s"
status_is pkg 1
err_has pkg "what is free"
out_is pkg ""
