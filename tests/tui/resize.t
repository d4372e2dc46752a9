# Every size shows something, and the same again at the end.
pkg demo
run cde-tui $PKG
press j j l
save before
resize 200 60
screen ~ "Facets"
resize 20 5
cursor-row ~ "lib/"
resize 1 1
resize 19 5
row 1 ~ "small"
resize 80 24
screen = @before
press q
exit 0
