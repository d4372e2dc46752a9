# g++ with cmake: configure, build and test a C++ project with a shared library
# shellcheck shell=sh disable=SC2034
packages='cmake make g++'
programs='cmake, ctest, make, g++'
limit=120
prepare()
{
	printf 'pear 3\nfig 12\n' >a.txt
	printf 'owl 7\nbee 1\nant 30\n' >b.txt
	mkdir src
	cat >src/CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.10)
project(table CXX)
set(CMAKE_CXX_STANDARD 17)
find_package(Threads REQUIRED)
add_library(rows SHARED rows.cc)
add_executable(table table.cc)
target_link_libraries(table rows Threads::Threads)
enable_testing()
add_test(NAME runs COMMAND table /dev/null)
END
	printf '#include <map>\n#include <string>\nstd::map<int, std::string> rows(const std::string &);\n' >src/rows.h
	cat >src/rows.cc <<'END'
#include "rows.h"
#include <fstream>
#include <regex>
std::map<int, std::string> rows(const std::string &file)
{
	std::map<int, std::string> r;
	std::ifstream in(file);
	std::smatch m;
	for (std::string s; std::getline(in, s);)
		if (std::regex_match(s, m, std::regex("(\\w+) (\\d+)")))
			r[std::stoi(m[2])] = m[1];
	return r;
}
END
	cat >src/table.cc <<'END'
#include "rows.h"
#include <future>
#include <iostream>
int main(int, char **argv)
{
	auto r = std::async(std::launch::async, rows, argv[1]);
	try {
		for (auto &[n, name] : r.get())
			std::cout << name << " " << n << std::endl;
		throw std::runtime_error("caught");
	} catch (const std::exception &e) {
		std::cout << e.what() << std::endl;
	}
}
END
}
first='cmake -S src -B build >log && cmake --build build >>log && (cd build && ctest >>../log) && build/table a.txt'
second='cmake -S src -B build >log && cmake --build build >>log && (cd build && ctest >>../log) && build/table b.txt'
second_files='src b.txt'
