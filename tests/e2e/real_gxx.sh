#!/bin/sh
# g++ with templates from the standard library.
# timeout: 180
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need g++
cat >h.cc <<'END'
#include <algorithm>
#include <iostream>
#include <map>
#include <string>
#include <vector>
int main()
{
	std::map<std::string, std::vector<int>> m{{"b", {3, 1, 2}}, {"a", {}}};
	for (auto &[k, v] : m) {
		std::sort(v.begin(), v.end());
		std::cout << k << ' ' << v.size() << '\n';
	}
	try { throw std::string("thrown"); } catch (const std::string &s) { std::cout << s << '\n'; }
}
END
trip sh -c 'g++ -o h h.cc && ./h'
