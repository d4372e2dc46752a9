# Odd names, in every terminal, locale and size.
size 80 24
pkg odd
never "esc\033[31"
never "\302\233[31m"
never "tab\011x"
never "new\012line"
run cde-tui $PKG
press s n G g j j j j t G k k Space d u q
exit 0
