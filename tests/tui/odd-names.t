# Nothing of a name reaches the terminal raw.
pkg odd
never "esc\033[31"
never "\302\233[31m"
never "tab\011x"
never "new\012line"
run cde-tui $PKG
press s n
screen ~ "new\nline"
screen ~ "esc\e[31mred"
screen ~ "tab\tx"
screen ~ "bad\xff\xfeutf"
screen ~ "rtl\u202egpj.exe"
screen ~ "zero\u200bwidth"
screen ~ "漢字漢字"
screen ~ "\x20leading"
screen ~ "trailing\x20"
screen ~ "back\\slash"
screen ~ "\u0301alone"
screen ~ "c1\u009b[31m"
attr "\u202e" colour
press q
exit 0
