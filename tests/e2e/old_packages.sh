#!/bin/sh
# Packages of before still run: one of the original's (version 1 of cde.options, no manifest)
# and one of each format of ours, as they were made then.  old/make.sh says how.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need tar xz
tar -xf "$CDE_TOP/tests/e2e/old/old.tar.xz" --no-same-owner -C "$WORK" || broken 'tar'
mkdir "$WORK/own"
echo 'my own' >"$WORK/own/mine"
study=/srv/old-packages/study
engine=$EXEC_ENGINE
[ ! -e /srv/old-packages ] || skip '/srv/old-packages is in the way'
for package in original-1 ours-2; do
	PACKAGE=$WORK/$package
	EXEC_ENGINE=$engine
	# The original left no places to mount the host's /dev on.
	[ "$package" != original-1 ] || any_engine
	echo "== $package"
	CAPTURE_CWD=$study
	# inside: by this cde-exec from elsewhere, then as the package's own
	run_in "$PACKAGE/cde-root$study" replay "$CDE_BIN/cde-exec" --engine "$EXEC_ENGINE" ./task
	status_is replay 0
	cmp "$WORK/expected" "$WORK/replay.out" || fail "$package, inside"
	cp "$CDE_BIN/cde-exec" "$PACKAGE/"
	replay /srv/old-packages/bin/run task
	status_is replay 0
	cmp "$WORK/expected" "$WORK/replay.out" || fail "$package, its own cde-exec"
	# seamless: its program, our file; and what the package has
	run_in "$WORK/own" seamless "$PACKAGE/cde-exec" /srv/old-packages/bin/cat mine $study/link
	out_is seamless "my own
of a directory below"
	# The rules of its file hold: what is not in it is not seen inside.
	run_in "$PACKAGE/cde-root$study" outside "$PACKAGE/cde-exec" --engine "$EXEC_ENGINE" \
		../bin/cat "$WORK/own/mine"
	status_is outside 1
	if can_bare; then
		replay_bare ./task
		status_is replay 0
		cmp "$WORK/expected" "$WORK/replay.out" || fail "$package, in a bare root"
	fi
	[ ! -x "$CDE_BIN/cde-pkg" ] && continue
	record ls "$CDE_BIN/cde-pkg" ls -p "$PACKAGE" --format tsv
	status_is ls 0
	out_has ls $study/sub/data
done
# What starts them, of each format.
wrapper()
{
	run_in "$1" wrapper "$2"
	status_is wrapper 0
	cmp "$WORK/expected" "$WORK/wrapper.out" || fail "$2"
}
wrapper "$WORK/original-1/cde-root$study" ./task.cde
wrapper "$WORK/ours-2/cde-root$study" "$WORK/ours-2/task.cde"
wrapper "$WORK/own" "$WORK/ours-2/rerun"
