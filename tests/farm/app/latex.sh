# LaTeX: a paper with formulas, contents, hyperlinks and a picture, twice, to PDF
# shellcheck shell=sh disable=SC2034
packages='texlive-latex-base texlive-latex-recommended texlive-pictures lmodern'
programs='pdflatex'
limit=120
prepare()
{
	for p_name in a b; do
		cat >"$p_name.tex" <<END
\\documentclass{article}
\\usepackage[T1]{fontenc}
\\usepackage{lmodern,amsmath,tikz,booktabs,hyperref}
\\pdftrailerid{}
\\begin{document}
\\title{Paper $p_name}\\author{A. Author}\\maketitle\\tableofcontents
\\section{Results of $p_name}\\label{s}
\\begin{equation}\\int_0^\\infty e^{-x^2}\\,dx = \\frac{\\sqrt{\\pi}}{2}\\end{equation}
\\begin{tabular}{lr}\\toprule name & $p_name \\\\ \\midrule \\textbf{size} & 42 \\\\ \\bottomrule\\end{tabular}
\\begin{tikzpicture}\\draw[->] (0,0) -- (3,1); \\fill (1,1) circle (4pt);\\end{tikzpicture}
See section~\\ref{s}.
\\end{document}
END
	done
}
first='
export SOURCE_DATE_EPOCH=1700000000 FORCE_SOURCE_DATE=1
for i in 1 2; do pdflatex -interaction=nonstopmode -halt-on-error a.tex >log || exit 1; done
cp a.pdf a.toc out && grep -c Overfull log; true'
second='
export SOURCE_DATE_EPOCH=1700000000 FORCE_SOURCE_DATE=1
for i in 1 2; do pdflatex -interaction=nonstopmode -halt-on-error b.tex >log || exit 1; done
cp b.pdf b.toc out && grep -c Overfull log; true'
second_files='b.tex'
