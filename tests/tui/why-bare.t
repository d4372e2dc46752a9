# Why, without a manifest: nothing is known, and that is said; twice, from other rows too.
pkg bare
run cde-tui $PKG
press G w
screen ~ "Why is this here"
press Esc
press / t o k y o Enter w
screen ~ "tokyo.dat"
press Esc w Esc k w Esc q
exit 0
