# What was typed ahead of Ctrl-Z is the command's, also when it reads it only afterwards.
sh mkfifo go
spawn cde-tui --capture sh -c "echo ready; cat go; read x; echo got $x"
wait "ready"
feed "hello\012\032"
until-pause
wait "capturing"
sh echo on >go
press q
until-pause
screen ~ "got hello"
send "q"
exit 0
