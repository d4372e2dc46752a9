# Never half a wide character.
size 24 8
pkg odd
never "esc\033[31"
never "\302\233[31m"
never "tab\011x"
never "new\012line"
run cde-tui $PKG
press j j j j j j j j
screen ~ "漢字"
resize 25 8
screen ~ "漢字"
resize 23 8
press q
exit 0
