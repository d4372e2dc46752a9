# P h.
pkg demo
run cde-tui $PKG
press / t o k y o . d a t Enter p
screen ~ "pin to:"
press h
row-state "tokyo.dat" = "H"
message ~ "pin /home/alice/study/tokyo.dat host"
press u
row-state "tokyo.dat" = " "
press q
exit 0
