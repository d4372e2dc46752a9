# numpy: a least squares fit, a spectrum and a matrix product (BLAS)
# shellcheck shell=sh disable=SC2034
packages='python3 python3-numpy'
quick=yes
programs='python3, numpy'
prepare()
{
	awk 'BEGIN { for (i = 0; i < 500; i++) print i, sin(i / 7) + i % 13 / 50 }' >a.dat
	awk 'BEGIN { for (i = 0; i < 400; i++) print i, cos(i / 5) * i / 90 + i % 7 / 40 }' >b.dat
	cat >fit.py <<'END'
import sys
import numpy as np
x, y = np.loadtxt(sys.argv[1]).T
print("%d points, mean %.8f, deviation %.8f" % (len(x), y.mean(), y.std()))
print("line %.8f %.8f" % tuple(np.polyfit(x, y, 1)))
print("strongest frequency", int(np.abs(np.fft.rfft(y - y.mean())).argmax()))
m = np.outer(y, y) + np.eye(len(y))
print("determinant %.6f" % np.linalg.slogdet(m)[1])
np.savetxt("out/product", (m @ m)[:20, :20], fmt="%.6f")
END
}
first='python3 fit.py a.dat'
second='python3 fit.py b.dat'
second_files='fit.py b.dat'
