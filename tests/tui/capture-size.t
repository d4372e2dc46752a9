# The command's terminal has the size of ours, also when that changes.
size 90 30
spawn cde-tui --capture sh -c "stty size; read x; stty size; read x"
wait "30 90"
resize 70 20
feed "\012"
wait "20 70"
feed "\032"
until-pause
wait "capturing"
resize 100 35
press q
feed "\012"
until-pause
screen ~ "ended with status 0"
send "q"
exit 0
