#!/bin/sh
# layers.sh: each directory includes only headers of the layers below it (the DAG
# of ARCHITECTURE.md), and libraries stay where they belong.
set -u
cd "$(dirname "$0")/../.." || exit
bad=0
dirs=$(find engine pkgtools tui -maxdepth 0 2>/dev/null) # those that there are

# layer DIR ALLOWED…: quoted includes of DIR name DIR itself or one of ALLOWED.
layer()
{
	l_dir=$1
	l_own=${1##*/}
	shift
	l_ok="$l_own $*"
	[ -d "$l_dir" ] || return 0
	for l_hit in $(grep -rHno '^ *# *include *"[^"]*"' --include='*.[ch]' "$l_dir" |
		sed 's/ *# *include *"/:/; s/"$//; s/::/:/'); do
		l_head=${l_hit##*:}
		case $l_head in
		*/*) l_from=${l_head%%/*} ;;
		*) l_from=$l_own ;;
		esac
		case " $l_ok " in
		*" $l_from "*) ;;
		*)
			echo "layers: ${l_hit%:*}: $l_own may not include \"$l_head\" (only: $l_ok)"
			bad=1
			;;
		esac
	done
}

# library HEADER DIR…: <HEADER> is included below DIR… only.
library()
{
	l_head=$1
	shift
	for l_file in $(grep -rl "^ *# *include *<$l_head>" --include='*.[ch]' $dirs \
		2>/dev/null); do
		l_fine=
		for l_dir; do
			case $l_file in "$l_dir"/*) l_fine=1 ;; esac
		done
		[ -n "$l_fine" ] && continue
		echo "layers: $l_file includes <$l_head>, which belongs to: $*"
		bad=1
	done
}

layer engine/base
layer engine/path base
layer engine/trace path base
layer engine/tree path base
layer engine/pkg tree path base
layer engine/capture trace tree pkg path base
layer engine/stream tree path base
layer engine/exec stream trace tree path base
layer pkgtools/inspect tree pkg path base
layer pkgtools/cmd inspect tree pkg path base
layer tui inspect tree pkg path base
library sqlite3.h engine/pkg pkgtools/inspect
library magic.h pkgtools/inspect
library openssl/evp.h pkgtools/inspect
library archive.h pkgtools/inspect
library archive_entry.h pkgtools/inspect
library jansson.h pkgtools
library sys/ptrace.h engine/trace
library linux/seccomp.h engine/trace engine/exec
library ncurses.h tui
exit $bad
