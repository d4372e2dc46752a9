#!/bin/sh
# grep -r over a tree with a binary file, a link and an unreadable name.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
mkdir -p t/u && echo 'needle here' >t/a && echo hay >t/b && printf 'needle\0\n' >t/u/bin
echo 'a needle' >t/u/c && ln -s ../b t/u/l && printf 'needle\n' >"t/u/$(printf 'x\377y\nz')"
trip sh -c 'grep -r needle t | sort; grep -rc needle t | sort; grep -rl nothing t; echo $?'
