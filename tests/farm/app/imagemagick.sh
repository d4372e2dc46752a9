# ImageMagick: text in a font, effects, a montage, five formats
# shellcheck shell=sh disable=SC2034
packages='imagemagick fonts-dejavu-core'
programs='convert, montage, identify'
limit=120
prepare()
{
	convert -size 120x90 gradient:red-blue a.ppm
	convert -size 140x80 plasma:fractal -blur 2 b.ppm
	cat >work.sh <<'END'
export MAGICK_THREAD_LIMIT=1
set -e
for i in png jpg gif tiff webp; do
	convert "$1" -font DejaVu-Sans -pointsize 20 -annotate +5+30 "$i here" -strip \
		-define png:exclude-chunks=date,time,tIME "x.$i"
	convert "x.$i" "out/$i.ppm"
done
identify -format '%f %m %wx%h %z\n' x.*
convert "$1" -rotate 30 -sharpen 2 -distort arc 60 -colorspace Gray out/bent.ppm
montage x.png x.jpg x.gif -font DejaVu-Sans-Bold -geometry +2+2 out/montage.ppm
END
}
first='sh work.sh a.ppm'
second='sh work.sh b.ppm'
second_files='work.sh b.ppm'
