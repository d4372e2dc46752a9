# What is typed behind the Ctrl-Z is for the screen that it brings, what was before it for
# the command; so is what comes behind the q there.
sh mkfifo go
spawn cde-tui --capture sh -c "echo ready; cat go; read x; echo got $x; read y; echo got $y"
wait "ready"
feed "hello\015\032i"
wait "below it"
feed "qqand more\015"
sh echo on >go
wait "got hello"
wait "got and more"
until-pause
until-pause
send "q"
exit 0
