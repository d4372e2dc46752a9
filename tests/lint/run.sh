#!/bin/sh
# run.sh BUILD: every check of the text of the sources.  A tool that is not
# installed is named and left out, except in CI (LINT_ALL=1), where all must be.
set -u
build=$1
cd "$(dirname "$0")/../.." || exit
bad=0

step()
{
	s_name=$1
	shift
	echo "lint: $s_name"
	"$@" || { echo "lint: $s_name: failed" >&2; bad=1; }
}

tool()
{
	command -v "$1" >/dev/null && return
	echo "lint: no $1 here, left out" >&2
	[ -z "${LINT_ALL-}" ] || bad=1
	return 1
}

scripts()
{
	find tests .ci -type f \( -name '*.sh' -o -name '*.inc' -o -path .ci/run \) ! -name '*~'
}

step layers sh tests/lint/layers.sh
[ ! -f tests/lint/probes.sh ] || step probes sh tests/lint/probes.sh
step flags sh tests/lint/flags.sh
step style sh tests/lint/style.sh "$(tool clang-format && echo --format)"
if tool groff; then step man sh tests/lint/man.sh "$build/bin"; fi
# Sourced files are named at run time (SC1091), their variables used here (SC2034, SC2154);
# dash, bash and busybox know ulimit -c and -n (SC3045).
if tool shellcheck; then
	# shellcheck disable=SC2046 # names without blanks
	step shellcheck shellcheck -s sh -S warning -e SC1091,SC2034,SC2154,SC3045,SC2155 \
		$(scripts)
fi
if tool cppcheck; then
	step cppcheck cppcheck -q --std=c11 --error-exitcode=1 -D_GNU_SOURCE -Iengine \
		--enable=warning,portability --inline-suppr --library=posix \
		--suppressions-list=tests/lint/cppcheck.suppress -j2 engine pkgtools
fi
if tool codespell; then
	# shellcheck disable=SC2046
	step codespell codespell -q 3 -L "${SPELL_OK:-ro,te,ser,fo,ans,creat,inh,bu,nd}" engine tests/e2e \
		tests/demo tests/lint $(ls ./*.md)
fi
exit $bad
