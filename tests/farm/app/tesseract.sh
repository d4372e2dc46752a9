# tesseract: read the text in a picture
# shellcheck shell=sh disable=SC2034
packages='tesseract-ocr tesseract-ocr-eng imagemagick fonts-dejavu-core'
programs='tesseract'
limit=120
prepare()
{
	for p_text in 'a:The quick brown fox' 'b:jumps over 1234 lazy dogs'; do
		convert -size 640x80 xc:white -font DejaVu-Sans -pointsize 32 -fill black \
			-annotate +20+50 "${p_text#*:}" "${p_text%%:*}.png"
	done
}
first='OMP_THREAD_LIMIT=1 tesseract a.png out/text --dpi 100 && OMP_THREAD_LIMIT=1 tesseract a.png - --dpi 100 tsv'
second='OMP_THREAD_LIMIT=1 tesseract b.png out/text --dpi 100 && OMP_THREAD_LIMIT=1 tesseract b.png - --dpi 100 tsv'
second_files='b.png'
