# Tab goes there, Enter filters.
size 120 35
pkg demo
run cde-tui $PKG
screen ~ "Facets"
press Tab j
cursor-row ~ "your files"
press l l
message ~ "filter class:user"
screen ~ "stats.py"
press Tab F q
exit 0
