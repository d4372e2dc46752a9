# ffmpeg: encode a film with sound by x264 and AAC, decode it, look at it
# shellcheck shell=sh disable=SC2034
packages='ffmpeg'
programs='ffmpeg, ffprobe'
limit=120
prepare()
{
	ffmpeg -v error -f lavfi -i testsrc=size=160x120:rate=10 -f lavfi -i sine=440 \
		-t 2 -c:v ffv1 -c:a flac -bitexact a.mkv
	ffmpeg -v error -f lavfi -i mandelbrot=size=160x120:rate=10 -f lavfi -i sine=880 \
		-t 2 -c:v ffv1 -c:a flac -bitexact b.mkv
	cat >work.sh <<'END'
ffmpeg -v error -i "$1" -vf scale=128:96,hue=s=0.5 -c:v libx264 -threads 1 -c:a aac -bitexact out/film.mp4
ffmpeg -v error -i out/film.mp4 -f framemd5 -bitexact -
ffmpeg -v error -ss 1 -i out/film.mp4 -frames:v 1 -bitexact out/still.png
ffprobe -v error -show_streams out/film.mp4 | grep '^codec_name\|^width\|^nb_frames'
END
}
first='sh work.sh a.mkv'
second='sh work.sh b.mkv'
second_files='work.sh b.mkv'
