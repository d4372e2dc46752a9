# pandoc: Markdown to HTML, DOCX, FictionBook and LaTeX, and back from DOCX
# shellcheck shell=sh disable=SC2034,SC2016
packages='pandoc'
programs='pandoc'
limit=120
prepare()
{
	printf '%% Title A\n\n# One\n\nText with *stress*, $x^2$ and a [link](http://example.org).\n\n| a | b |\n|---|---|\n| 1 | 2 |\n' >a.md
	printf '%% Title B\n\n1. first\n2. second\n\n```python\nprint(1 + 2)\n```\n\nA note.[^1]\n\n[^1]: The note.\n' >b.md
	cat >work.sh <<'END'
set -e
export SOURCE_DATE_EPOCH=1700000000
pandoc -s --toc --metadata lang=en "$1" -o out/page.html
pandoc -s "$1" -o out/page.docx
pandoc -s "$1" -o out/page.fb2
pandoc -s "$1" -o out/page.tex
pandoc out/page.docx -t markdown
END
}
first='sh work.sh a.md'
second='sh work.sh b.md'
second_files='work.sh b.md'
