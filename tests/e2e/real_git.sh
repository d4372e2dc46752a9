#!/bin/sh
# git: init, status, commit, log, a branch, a merge.
# timeout: 120
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need git
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@x GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@x
export GIT_AUTHOR_DATE='2020-01-01T00:00:00Z' GIT_COMMITTER_DATE='2020-01-01T00:00:00Z'
export GIT_CONFIG_NOSYSTEM=1 GIT_PAGER=cat
git init -q -b main r && cd r || exit
for i in 1 2 3; do
	echo $i >f$i && git add f$i && git commit -q -m "number $i"
done
git gc -q && echo 4 >f4 && git add f4 && git commit -q -m loose && echo changed >f1
cat >../s <<'END'
cd r && git log --oneline --stat && git status --short && git diff && git add -A &&
git commit -q -m all && git switch -q -c side HEAD~2 && echo side >g && git add g &&
git commit -q -m side && git merge -q -m merge main && git log --graph --format='%h %s' &&
git fsck && git status
END
cd .. || exit
trip sh s
