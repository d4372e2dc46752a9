# graphviz: a graph laid out by three engines, as SVG, PNG (cairo, pango) and text
# shellcheck shell=sh disable=SC2034
packages='graphviz fonts-dejavu-core'
programs='dot, neato, circo'
prepare()
{
	echo 'digraph a { node [shape=box, fontname="DejaVu Sans"]; start -> {left right} -> end; left -> right [label=é] }' >a.dot
	echo 'digraph b { rankdir=LR; node [fontname="DejaVu Sans"]; subgraph cluster { x -> y } y -> z -> x [style=dashed] }' >b.dot
}
first='dot -Tsvg a.dot -o out/dot.svg && neato -Tpng a.dot -o out/neato.png && circo -Tpdf a.dot | wc -l >size &&
	dot -Tplain a.dot | tee out/plain'
second='dot -Tsvg b.dot -o out/dot.svg && neato -Tpng b.dot -o out/neato.png && circo -Tpdf b.dot | wc -l >size &&
	dot -Tplain b.dot | tee out/plain'
second_files='b.dot'
