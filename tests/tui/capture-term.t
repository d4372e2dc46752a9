# Asked to end meanwhile: so is the command, and nothing is shown.
spawn cde-tui --capture sh -c "echo ready; read x"
wait "ready"
signal TERM
exit 143
