# I hides a finding.
pkg missing
run cde-tui $PKG
press 4 i
screen !~ "libgfortran"
press q
exit 0
