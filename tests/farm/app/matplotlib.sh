# matplotlib: a figure with axes, formulas and a legend as PNG and SVG
# shellcheck shell=sh disable=SC2034
packages='python3 python3-matplotlib'
programs='python3, matplotlib'
limit=120
prepare()
{
	awk 'BEGIN { for (i = 0; i < 100; i++) print i / 10, sin(i / 10) }' >a.dat
	awk 'BEGIN { for (i = 0; i < 80; i++) print i / 8, i % 11 }' >b.dat
	cat >plot.py <<'END'
import sys
import matplotlib
matplotlib.use("Agg")
matplotlib.rcParams["svg.hashsalt"] = "farm"
import matplotlib.pyplot as plt
import numpy as np
x, y = np.loadtxt(sys.argv[1]).T
fig, ax = plt.subplots(figsize=(6, 4))
ax.plot(x, y, "o-", label=r"$f(x)=\sum_i x_i^2$")
ax.fill_between(x, y, alpha=0.3)
ax.set_title("from " + sys.argv[1])
ax.legend()
fig.savefig("out/figure.png", dpi=90)
fig.savefig("out/figure.svg", metadata={"Date": None})
print(ax.get_xlim(), ax.get_ylim())
END
}
first='python3 plot.py a.dat'
second='python3 plot.py b.dat'
second_files='plot.py b.dat'
