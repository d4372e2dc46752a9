#!/bin/sh
# fixtures.sh FIXTURE TABLES DIR: the packages that scenarios copy, into DIR.
set -eu
fixture=$1 tables=$2 dir=$3
"$fixture" file "$tables/demo.tsv" "$dir/demo"
"$fixture" odd "$dir/odd"
"$fixture" empty "$dir/empty"
"$fixture" one "$dir/one"
"$fixture" big "$dir/big" 20000
# A study whose BLAS got lost on the way, and what cde-exec then noted.
cp -a "$dir/demo" "$dir/missing"
lib=usr/lib/x86_64-linux-gnu
rm "$dir/missing/cde-root/$lib/libgfortran.so.5" \
	"$dir/missing/cde-root/$lib/libgfortran.so.5.0.0"
{
	for d in /usr/lib/python3/dist-packages/numpy/core /lib/x86_64-linux-gnu \
		/usr/lib/x86_64-linux-gnu /lib /usr/lib; do
		echo '{"call":"openat","path":"'$d'/libgfortran.so.5","errno":"ENOENT","placeholder":false,"program":"/usr/bin/python3.11","count":1}'
	done
	echo '{"call":"openat","path":"/home/alice/study/weights.bin","errno":"ENOENT","placeholder":true,"program":"/usr/bin/python3.11","count":2}'
	echo '{"call":"openat","path":"/etc/inputrc-of-alice","errno":"ENOENT","placeholder":false,"program":"/usr/bin/python3.11","count":4}'
	echo '{"call":"access","path":"/etc/ld.so.preload","errno":"ENOENT","placeholder":false,"program":"/usr/bin/python3.11","count":1}'
} >"$dir/missing/missing.jsonl"
# No manifest: the files alone.
cp -a "$dir/demo" "$dir/bare"
rm "$dir/bare/manifest.db"
