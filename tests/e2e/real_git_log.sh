#!/bin/sh
# git log and status, nothing else: the state before them is packaged, and repeats.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need git
export GIT_CONFIG_NOSYSTEM=1 GIT_PAGER=cat
git init -q r && cd r && git config user.name A && git config user.email a@x || exit
mkdir -p d/e && echo 1 >d/e/f && git add . && git commit -q -m first && echo 2 >>d/e/f && echo 3 >new
cd .. || exit
trip sh -c 'cd r && git log -p --format=%s && git status --porcelain=v2 | cut -c1-40 && git show HEAD:d/e/f'
