"""The times of table.py's last table as a picture: bars on a logarithmic axis (SVG)."""
import math

SERIES = (("first capture", "c1", "cde, first capture"), ("capture", "c2", "cde, captured again"),
          ("ptrace", "c3", "cde-exec, ptrace"), ("namespace", "c4", "cde-exec, namespace"))
LEFT, WIDTH, BAR, GAP, TOP = 120, 560, 7, 9, 46
STYLE = """
text { font: 11px sans-serif; fill: #24292f }
.n { font-size: 8px } line { stroke: #d0d7de } .one { stroke: #57606a }
.c1 { fill: #bf8700 } .c2 { fill: #e3b341 } .c3 { fill: #0969da } .c4 { fill: #1a7f37 }
@media (prefers-color-scheme: dark) {
 text { fill: #c9d1d9 } line { stroke: #30363d } .one { stroke: #8b949e }
 .c1 { fill: #d29922 } .c2 { fill: #9e6a03 } .c3 { fill: #58a6ff } .c4 { fill: #3fb950 }
}"""
TICKS = (0.5, 1, 2, 5, 10, 20, 50, 100)


def write(name, measures):
    """measures: application → its numbers, ratios to native."""
    values = [x[k] for x in measures.values() for k, _, _ in SERIES if x.get(k)]
    low = min([0.9, *values])
    high = max([2.0, *values]) * 1.15

    def x_of(v):
        return LEFT + WIDTH * math.log(v / low) / math.log(high / low)

    group = BAR * len(SERIES) + GAP
    height = TOP + group * len(measures) + 24
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 30} {height}" '
           f'role="img">', "<title>Time as a multiple of native time</title>",
           f"<style>{STYLE}</style>"]
    for i, (_, style, title) in enumerate(SERIES):
        at = LEFT + i * 142
        out.append(f'<rect class="{style}" x="{at}" y="8" width="10" height="10"/>'
                   f'<text x="{at + 14}" y="17">{title}</text>')
    for tick in TICKS:
        if low <= tick <= high:
            style = ' class="one"' if tick == 1 else ""
            out.append(f'<line{style} x1="{x_of(tick):.1f}" x2="{x_of(tick):.1f}" y1="{TOP - 10}" '
                       f'y2="{height - 20}"/><text x="{x_of(tick):.1f}" y="{height - 6}" '
                       f'text-anchor="middle">{tick:g}×</text>')
    for i, (app, numbers) in enumerate(sorted(measures.items())):
        y = TOP + i * group
        out.append(f'<text x="{LEFT - 6}" y="{y + group / 2}" text-anchor="end">{app}</text>')
        for j, (k, style, _) in enumerate(SERIES):
            out += bar(numbers.get(k), style, x_of, y + j * BAR)
    with open(name, "w", encoding="utf-8") as f:
        f.write("\n".join(out) + "\n</svg>\n")


def bar(value, style, x_of, y):
    """From 1 to the value; what failed has none."""
    if not value:
        return []
    a, b = sorted((x_of(1), x_of(value)))
    return [f'<rect class="{style}" x="{a:.1f}" y="{y}" width="{max(b - a, 1):.1f}" '
            f'height="{BAR - 1}"/><text class="n" x="{b + 3:.1f}" y="{y + BAR - 1}">{value:.2f}</text>']
