# PostgreSQL: initdb, a server on a Unix socket, queries, an extension, a dump
# shellcheck shell=sh disable=SC2034
packages='postgresql-15'
programs='initdb, pg_ctl, postgres, psql, pg_dump'
limit=180
prepare()
{
	printf 'pear,3\nfig,12\n' >a.csv
	printf 'owl,7\nbee,1\nant,30\n' >b.csv
	cat >work.sql <<'END'
CREATE EXTENSION pg_trgm;
CREATE TABLE t (name text PRIMARY KEY, n int);
\copy t from 'in.csv' csv
SELECT name, n, rank() OVER (ORDER BY n) FROM t ORDER BY name;
SELECT name, round(similarity(name, 'pea')::numeric, 3) FROM t ORDER BY name;
CREATE FUNCTION twice(int) RETURNS int AS 'BEGIN RETURN 2 * $1; END' LANGUAGE plpgsql;
SELECT sum(twice(n)), to_char(date '2024-02-29' + 1, 'Day DD') FROM t;
END
	cat >work.sh <<'END'
PATH=/usr/lib/postgresql/15/bin:$PATH
rm -rf db
cp "$1" in.csv
initdb -D db -U me -A trust -N >log || exit 1
pg_ctl -D db -l log -o "-k '$PWD' -c listen_addresses= -F" -w start >>log || exit 1
psql -h "$PWD" -U me -d postgres -q -v ON_ERROR_STOP=1 -f work.sql
pg_dump -h "$PWD" -U me postgres | grep -v '^\\\|^--' >out/dump.sql
pg_ctl -D db -m fast -w stop >>log
END
}
first='sh work.sh a.csv'
second='sh work.sh b.csv'
second_files='work.sh work.sql b.csv'
