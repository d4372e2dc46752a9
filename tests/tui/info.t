# The full record.
pkg demo
run cde-tui $PKG
press / l i b c . s o Enter i
screen ~ "libc6:amd64 2.36"
screen ~ "1926232 bytes"
press G g Esc q
exit 0
