# A program that takes Ctrl-Z for itself gets it.
spawn cde-tui --capture sh -c "stty -isig -icanon -echo; echo ready; dd bs=1 count=1 2>/dev/null | od -An -tx1; stty sane"
wait "ready"
feed "\032"
wait " 1a"
until-pause
send "q"
exit 0
