# A package that cannot be opened now: that is said, and the command has its terminal again.
spawn cde-tui --capture sh -c "echo ready; read x; echo got $x"
wait "ready"
sh mv cde-package/manifest.db real && echo junk >cde-package/manifest.db
feed "\032"
until-pause
wait "cde-tui: "
sh mv real cde-package/manifest.db
feed "hello\012"
until-pause
screen ~ "got hello"
send "q"
exit 0
