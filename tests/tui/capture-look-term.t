# Asked to end while somebody looks: so is the command, and the terminal is as before.
spawn cde-tui --capture sh -c "trap 'echo yes >asked; exit 4' TERM; echo ready; while :; do read x; done"
wait "ready"
feed "\032"
until-pause
wait "capturing"
signal TERM
exit 143
sh test -f asked
