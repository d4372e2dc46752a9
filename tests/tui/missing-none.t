# Nothing is missing: what acts on a finding is not offered; z shows the normal probes.
pkg demo
run cde-tui $PKG
press 4
screen ~ "Nothing is missing"
screen !~ "ignore"
press A
message ~ "nothing is missing"
press z
screen ~ "ld.so.preload"
screen ~ "ignore"
press z q
exit 0
