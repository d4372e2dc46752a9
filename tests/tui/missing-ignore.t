# I says for ever that a finding is normal: a line of cde.options, which the next session heeds.
pkg missing
run cde-tui $PKG
press 4
cursor-row ~ "libgfortran"
press i
message ~ "libgfortran.so.5 absent"
title ~ "1 staged"
screen !~ "5 places"
press u
screen ~ "5 places"
press C-r
screen !~ "5 places"
press z
screen ~ "5 places"
press z q q
exit 0
sh ! grep -q absent cde-package/cde.options
# The journal has it.
run cde-tui $PKG
press r 4
screen !~ "5 places"
press W y
message ~ "written"
screen !~ "5 places"
press q
exit 0
sh grep -c "^#:absent_exact=/.*/libgfortran.so.5$" cde-package/cde.options | grep -qx 1
run cde-tui $PKG
press 4
screen !~ "5 places"
screen ~ "weights.bin"
screen ~ "35 normal probes hidden"
press z
row-state "libgfortran.so.5" = "N"
press j j
screen ~ "expected to be missing"
press w
screen ~ "i shows it again"
press q
# Again: it is shown from now on.
press i W y
message ~ "written"
row-state "libgfortran.so.5" = " "
press z
screen ~ "5 places"
press q
exit 0
sh ! grep -q absent cde-package/cde.options
