#!/bin/sh
# cloud-distro: publishes a profile and an environment that clients use; the sshd
# configuration that it prints serves the tree, read-only, as the root of the server.
# once: root streams by ptrace, others by notification
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
. "$CDE_TOP/tests/e2e/stream.inc"
need dash
remote_root
CDE_EXEC=$CDE_BIN/cde-exec
export CDE_EXEC
cloud=$CDE_TOP/pkgtools/cloud-distro
record env "$cloud" environment "$REMOTE_ROOT" PATH=/usr/bin "ODD=a b"
record prof "$cloud" profile "$REMOTE_ROOT" -- sh -c 'cat /data/one; exit 3'
status_is prof 3
out_is prof one
grep -qx /data/one "$REMOTE_ROOT/.cde-profiles/sh" || fail 'no profile was published'
record named "$cloud" profile "$REMOTE_ROOT" reading -- cat /data/one
grep -qx /data/one "$REMOTE_ROOT/.cde-profiles/reading" || fail 'no profile of that name'
record bad "$cloud" profile "$REMOTE_ROOT" -- nonesuch
[ "$(cat "$WORK/bad.status")" != 0 ] || fail 'a profile of nothing'
record sshd "$cloud" sshd "$REMOTE_ROOT" "$(id -un)"
out_has sshd "ChrootDirectory $REMOTE_ROOT"
[ -n "$CDE_ROOTLY" ] || exit 0 # only root's sshd can chroot
SSHD_MORE=$(cat "$WORK/sshd.out")
start_sshd
workspace sftp://localhost/
EXEC_FLAGS=-v
stream cold sh -c 'echo $ODD; cat /data/one /data/absolute'
out_is cold "a b
one
one"
err_has cold 'fetched'
EXEC_FLAGS=
same_as_remote
