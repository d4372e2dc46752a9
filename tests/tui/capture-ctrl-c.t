# Ctrl-C is for the command; what it used so far is shown.
spawn cde-tui --capture sh -c "echo ready; read x"
wait "ready"
send "\003"
until-pause
screen ~ "status 130"
press Enter
press q
exit 130
