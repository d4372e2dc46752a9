#!/bin/sh
# sqlite3 changes a database: the package has it as it was.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need sqlite3
sqlite3 x.db 'create table t(a); insert into t values (1), (2)'
cat >s.sql <<'END'
select sum(a) from t;
begin; insert into t select a * 10 from t; commit;
select group_concat(a) from t;
pragma journal_mode=wal;
delete from t where a > 10;
select count(*) from t;
END
trip sh -c 'sqlite3 x.db <s.sql'
