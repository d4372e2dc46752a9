#!/bin/sh
# ImageMagick draws, scales and describes an image.
# timeout: 120
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need convert
[ -x /usr/bin/convert ] || skip 'no imagemagick'
export MAGICK_THREAD_LIMIT=1
trip sh -c '/usr/bin/convert -size 64x48 gradient:red-blue -resize 50% -strip out.ppm && cksum <out.ppm &&
	/usr/bin/convert out.ppm -strip -define png:exclude-chunks=date,time out.png && /usr/bin/identify -format "%m %wx%h\n" out.png out.ppm'
