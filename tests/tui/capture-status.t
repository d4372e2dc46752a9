# A command that fails: its package is shown, and its status is said, and ours in the end.
spawn cde-tui --capture sh -c "echo on the way; cat nothing.here; exit 3"
until-pause
screen ~ "on the way"
screen ~ "sh ended with status 3"
press Enter
message ~ "ended with status 3"
press q
exit 3
