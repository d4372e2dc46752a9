# q at the pause: no screen, the status of the command.
spawn cde-tui --capture sh -c "exit 7"
until-pause
send "q"
exit 7
