# gnuplot: a fit, and pictures by cairo and gd
# shellcheck shell=sh disable=SC2034
packages='gnuplot-nox fonts-dejavu-core'
quick=yes
programs='gnuplot'
prepare()
{
	awk 'BEGIN { for (i = 0; i < 90; i++) print i / 9, 2 * exp(-i / 30) + i % 5 / 50 }' >a.dat
	awk 'BEGIN { for (i = 0; i < 70; i++) print i / 7, 5 * exp(-i / 20) + i % 3 / 30 }' >b.dat
	cat >plot.gp <<'END'
set fit quiet nolog
f(x) = a * exp(-b * x)
a = 1; b = 0.1
fit f(x) in using 1:2 via a, b
set print "-"
print sprintf("%.4f %.4f", a, b)
set title in
set terminal pngcairo size 500,400 font "DejaVu Sans,10"
set output "out/cairo.png"
plot in with points, f(x)
set terminal png font "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf" 9
set output "out/gd.png"
replot
set terminal dumb
set output
plot f(x)
END
}
first="gnuplot -e \"in='a.dat'\" plot.gp"
second="gnuplot -e \"in='b.dat'\" plot.gp"
second_files='plot.gp b.dat'
