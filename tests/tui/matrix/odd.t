# Odd names, in every terminal, locale and size.
size 80 24
pkg odd
run cde-tui $PKG
press s n G g j j j j t G k k Space d u q
exit 0
