# sqlite3: import, an index, a write-ahead log, full text search, a dump
# shellcheck shell=sh disable=SC2034
packages='sqlite3'
quick=yes
programs='sqlite3'
prepare()
{
	awk 'BEGIN { for (i = 1; i < 800; i++) print i "," i * i % 97 ",word" i % 11 }' >a.csv
	awk 'BEGIN { for (i = 1; i < 500; i++) print i "," i * i % 83 ",term" i % 7 }' >b.csv
	cat >work.sql <<'END'
PRAGMA journal_mode = WAL;
CREATE TABLE t (id INTEGER PRIMARY KEY, n INT, w TEXT);
.mode csv
.import in.csv t
CREATE INDEX byn ON t (n);
SELECT w, count(*), sum(n), round(avg(n), 6) FROM t GROUP BY w ORDER BY w;
CREATE VIRTUAL TABLE f USING fts5 (w);
INSERT INTO f SELECT w || ' and ' || n FROM t;
SELECT count(*) FROM f WHERE f MATCH '42 OR 5';
EXPLAIN QUERY PLAN SELECT * FROM t WHERE n = 4;
PRAGMA integrity_check;
.output out/dump.sql
.dump t
END
}
first='rm -f x.db; cp a.csv in.csv; sqlite3 x.db <work.sql'
second='rm -f x.db; cp b.csv in.csv; sqlite3 x.db <work.sql'
second_files='work.sql b.csv'
