#!/bin/sh
# tar writes an archive and reads it back.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
mkdir -p t/u && echo one >t/a && ln -s a t/l && ln t/a t/hard && mkfifo t/p && chmod 600 t/a
touch -d 2020-01-01 t/a t/u t
trip sh -c 'tar --format=gnu --numeric-owner -cf out.tar t/a t/l t/hard t/u t/p && tar -tf out.tar &&
	mkdir x && tar -xf out.tar -C x && cat x/t/a x/t/l && cksum <x/t/hard'
