#!/bin/sh
# A package that lies: nothing outside of it is read or written, nothing hangs, and the
# rest of it can be seen.
# once: cde-pkg looks at packages
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/pkg.inc"
need python3
tool
echo fine >fine
capture ./tool cat fine
r=$PACKAGE/cde-root
echo secret >"$WORK/secret"
ln -s "$WORK/secret" "$r/abs"
ln -s ../../../../../../../../..$WORK "$r/up"
ln -s self "$r/self"
mkfifo "$r/fifo"
mkdir "$r/deep"
# deeper than any name may be long
python3 -c 'import os, sys
os.chdir(sys.argv[1])
for i in range(300):
    os.mkdir("d" * 20); os.chdir("d" * 20)' "$r/deep" || broken "no deep directory"
sqlite3 "$PACKAGE/manifest.db" "
	INSERT INTO file(path,kind,state,size) VALUES('/../outside','f',0,1),('no/slash','f',0,1),
	('/abs','f',0,6),('/up/secret','f',0,6),('/fifo','f',0,1),('/huge','f',0,9223372036854775807),
	('/huge2','f',0,9223372036854775807),('/neg','f',0,-1),('/nothere','f',0,1),
	('/dir','f',0,1),('/dir/in','f',0,1),(x'2f1b5b33316d','f',0,0),('/a//b','f',0,1);
	INSERT INTO access(file, process, kind) VALUES(99999999999,1,2);
	INSERT INTO process VALUES(77,1,77,1,'/x','x'),(78,1,79,1,'/x','x'),(79,1,78,1,'/x','x');
	INSERT INTO access(file, process, kind) SELECT id, 77, 2 FROM file WHERE path='/dir/in';
	INSERT INTO access(file, process, kind) SELECT id, 78, 2 FROM file WHERE path='/huge';
	UPDATE run SET argv=x'00ff', cwd=x'1b5b'"
verbs()
{
	pkg "$@"
	case $(cat "$WORK/pkg.status") in
	0 | 1 | 3) ;;
	*) show pkg; fail "cde-pkg $*: status $(cat "$WORK/pkg.status")" ;;
	esac
	[ "$(tr -dc '\033' <"$WORK/pkg.out" | wc -c)" = 0 ] || fail "cde-pkg $*: an escape"
	[ "$(tr -dc '\033' <"$WORK/pkg.err" | wc -c)" = 0 ] || fail "cde-pkg $*: an escape in errors"
	grep -q secret "$WORK/pkg.out" && [ "$1" != ls ] && [ "$1" != verify ] && fail "cde-pkg $*: read outside"
	return 0
}
verbs ls
err_has pkg "make no sense"
grep -q fine "$WORK/pkg.out" || fail "the honest file is not listed"
grep -q 'outside\|no/slash' "$WORK/pkg.out" && fail "an impossible name is listed"
verbs ls --tree
verbs ls --sort size
verbs ls acc:r proc:x
verbs ls --no-manifest
verbs ls type:text
verbs du --by package
verbs du --by process
verbs status
verbs doctor
verbs why /dir/in
verbs why /huge
verbs info /up/secret
verbs cat /up/secret
status_is pkg 1
verbs cat /abs
status_is pkg 1
verbs cat /fifo
status_is pkg 1
verbs cat /../../../..$WORK/secret
status_is pkg 1
verbs cat /self
verbs extract 'abs or up or fine' "$WORK/out"
[ -e "$WORK/out/up/secret" ] && [ ! -L "$WORK/out/up" ] && fail "extracted from outside"
verbs verify
verbs scan
verbs verify
[ "$(cat "$WORK/secret")" = secret ] || fail "a file outside was changed"
# What would run when it is read is refused.
sqlite3 "$PACKAGE/manifest.db" "CREATE TRIGGER t AFTER UPDATE ON file BEGIN DELETE FROM run; END"
pkg ls
status_is pkg 1
err_has pkg triggers
pkg ls --no-manifest
status_is pkg 0
rm "$PACKAGE/manifest.db" && ln -s "$WORK/elsewhere.db" "$PACKAGE/manifest.db"
pkg scan
status_is pkg 1
[ -e "$WORK/elsewhere.db" ] && fail "a database was made outside"
exit 0
