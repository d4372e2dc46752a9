# No such command: what an earlier one left is not shown for it.
sh cde -q true
spawn cde-tui --capture no-such-command
wait "command not found"
exit 127
spawn cde-tui --capture ./
wait "cannot be executed"
exit 126
