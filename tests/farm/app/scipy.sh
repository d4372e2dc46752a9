# scipy: an integral, an optimum, a differential equation, a sparse system
# shellcheck shell=sh disable=SC2034
packages='python3 python3-scipy'
programs='python3, scipy'
limit=120
prepare()
{
	echo 1.5 0.25 40 >a.txt
	echo 0.7 0.40 55 >b.txt
	cat >solve.py <<'END'
import sys
import numpy as np
from scipy import integrate, optimize, signal, sparse, stats
from scipy.sparse.linalg import spsolve
a, b, n = np.loadtxt(sys.argv[1])
print("integral %.9f" % integrate.quad(lambda x: np.exp(-a * x * x), 0, 4)[0])
print("minimum  %.6f" % optimize.minimize_scalar(lambda x: (x - a) ** 2 + b * x).x)
s = integrate.solve_ivp(lambda t, y: [y[1], -a * y[0] - b * y[1]], (0, 10), [1, 0], rtol=1e-8)
print("end      %.7f" % s.y[0, -1])
m = sparse.diags([-1, 2 + b, -1], [-1, 0, 1], shape=(int(n), int(n)), format="csc")
np.savetxt("out/solution", spsolve(m, np.ones(int(n))), fmt="%.9f")
print("normal   %.9f" % stats.norm.cdf(a))
print("filter  ", " ".join("%.6f" % x for x in signal.butter(3, b)[0]))
END
}
first='python3 solve.py a.txt'
second='python3 solve.py b.txt'
second_files='solve.py b.txt'
