#!/bin/sh
# A package of somebody else: no edit of it, nor its undo, nor gc, leaves it.
# once: cde-pkg looks at packages
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/edit.inc"
small_package
OUT=$WORK/outside
mkdir "$OUT" && echo safe >"$OUT/f" && mkdir "$OUT/dir" && echo safe >"$OUT/dir/c"
outside() { (cd "$OUT" && find . -printf '%P %y %i %T@\n' | sort && cat f dir/c) >"$1" 2>&1; }
outside "$WORK/before"
untouched()
{
	outside "$WORK/after"
	cmp -s "$WORK/before" "$WORK/after" || { diff "$WORK/before" "$WORK/after"; fail "$1"; }
}

# a directory of cde-root is a link out of it
cp -a "$PACKAGE" "$WORK/fresh"
again() { rm -rf "$PACKAGE" && cp -a "$WORK/fresh" "$PACKAGE"; }
mv "$R/d" "$R/d.was" && ln -s "$OUT/dir" "$R/d"
pkg drop "$SRC/d/c"
untouched 'drop below a link'
pkg add "$SRC/d/c" from "$SRC/new"
untouched 'add below a link'
pkg undo
untouched 'undo below a link'
again && ln -s "$OUT" "$R/evil"
pkg drop "$SRC/evil"
pkg gc
untouched 'drop of a link'

# .dropped leads elsewhere, or what lies in it
again && ln -s "$OUT" "$PACKAGE/.dropped"
pkg drop "$SRC/a"
status_is pkg 1
untouched '.dropped is a link'
pkg add "$SRC/new"
status_is pkg 1
pkg gc
untouched 'gc through a link'
again && mkdir "$PACKAGE/.dropped" && ln -s "$OUT" "$PACKAGE/.dropped/x" &&
	ln -s "$OUT/f" "$PACKAGE/.dropped/1.new" && ln -s "$OUT/f" "$PACKAGE/.dropped/options.new"
pkg add "$SRC/new"
status_is pkg 0
[ "$(cat "$R/new")" = new ] || fail 'the link was taken for the copy'
pkg pin "$SRC/a" host
untouched 'names in .dropped are links'
pkg gc
status_is pkg 0
untouched 'gc of links'

# temporary names, and cde.options
again && rm -rf "$PACKAGE/.tmp" && ln -s "$OUT" "$PACKAGE/.tmp"
pkg add "$SRC/new"
untouched '.tmp is a link'
again && mv "$PACKAGE/cde.options" "$OUT/options" && ln -s "$OUT/options" "$PACKAGE/cde.options"
cp "$OUT/options" "$WORK/options"
pkg pin "$SRC/a" host
cmp -s "$OUT/options" "$WORK/options" || fail 'cde.options is a link: its target was written'
rm "$OUT/options"
again && rm "$PACKAGE/cde.options" && mkfifo "$PACKAGE/cde.options"
record pkg timeout 10 "$CDE_BIN/cde-pkg" pin -p "$PACKAGE" "$SRC/a" host
status_is pkg 1
err_has pkg 'not a regular file'

# a manifest with edits, kept rows and renames that nobody made
again
touch -r "$WORK/fresh" "$OUT"
outside "$WORK/before"
pkg drop "$SRC/a"
manifest "INSERT INTO edit(id, grp, verb, path, done, written) VALUES
	(50, 9, 'drop', '/../../outside/f', 1, 0), (51, 9, 'fly', '/a', 1, 0),
	(52, 9, 'add', '../x', 1, 0), (53, 9, 'pin', '/a' || char(10) || 'b', 1, 0),
	(54, 9, 'drop', x'2f6100622f', 0, 1), (9223372036854775807, 9, 'drop', '/x', 0, 1);
	INSERT INTO kept(edit, side, path, state) VALUES(1, 0, '../../../outside/f', 0);
	INSERT INTO move(what, edit, side, path) VALUES
	('out', 60, 0, '/../../../outside/f'), ('in', 1, 0, '/../../outside/new'),
	('in', 1, 7, '/a'), ('rm', 1, 0, '/b'), ('out', 61, 0, '/'), ('options', 0, 0, NULL);"
pkg log
pkg undo
pkg write
pkg drop "$SRC/b"
untouched 'a hostile log'
pkg ls --format 0
status_is pkg 0
exit 0
