#!/bin/sh
# cp -r and cp -a of a tree, diff of the two, rm -r of one.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
mkdir -p t/u/v && echo one >t/a && ln -s ../a t/u/l && echo two >t/u/v/b && chmod 700 t/u/v
trip sh -c 'cp -r t r && cp -a t a && diff -r t r && diff -r t a && find r a | sort && rm -r r && ls'
