#!/bin/sh
# numpy: linear algebra with threads, fft, a file of arrays.
# timeout: 180
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need python3
python3 -c 'import numpy' 2>/dev/null || skip 'no python3-numpy'
cat >s.py <<'END'
import numpy as np
r = np.random.RandomState(7)
a = r.rand(60, 60)
np.save("a.npy", a)
b = np.load("a.npy")
print(np.linalg.det(b).round(9), np.fft.fft(b[0]).real.round(6)[:4], (b @ np.linalg.inv(a)).trace().round(6))
END
trip python3 s.py
