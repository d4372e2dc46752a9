# lua: modules in C (lpeg, lfs), a grammar for sums
# shellcheck shell=sh disable=SC2034
packages='lua5.4 lua-lpeg lua-filesystem'
programs='lua5.4'
prepare()
{
	printf '1+2*3\n(4+5)*6\n' >a.txt
	printf '7*8-9\n(1+1)*(2+2)\n10/4\n' >b.txt
	cat >sums.lua <<'END'
local lpeg = require "lpeg"
local lfs = require "lfs"
local function fold(a, op, b)
	if op == "+" then return a + b elseif op == "-" then return a - b end
	if op == "*" then return a * b else return a / b end
end
local number = lpeg.R("09") ^ 1 / tonumber
local V = lpeg.V
local sum = lpeg.P { "sum",
	sum = lpeg.Cf(V "term" * lpeg.Cg(lpeg.C(lpeg.S "+-") * V "term") ^ 0, fold),
	term = lpeg.Cf(V "factor" * lpeg.Cg(lpeg.C(lpeg.S "*/") * V "factor") ^ 0, fold),
	factor = number + "(" * V "sum" * ")" }
local out = assert(io.open("out/sums", "w"))
for line in io.lines(arg[1]) do
	out:write(string.format("%s = %g\n", line, sum:match(line)))
end
out:close()
print(lfs.attributes("out/sums", "mode"), lfs.attributes("out/sums", "size"))
print(io.popen("sort out/sums"):read("a"))
END
}
first='lua5.4 sums.lua a.txt'
second='lua5.4 sums.lua b.txt'
second_files='sums.lua b.txt'
