# redis: a server on a Unix socket, its client, a snapshot and a start from it
# shellcheck shell=sh disable=SC2034
packages='redis-server redis-tools'
programs='redis-server, redis-cli'
prepare()
{
	printf 'SET fruit pear\nLPUSH list 1 2 3\nHSET h x 1 y 2\nINCRBY n 40\nINCRBY n 2\n' >a.txt
	printf 'SADD s a b c\nSET tree oak\nINCRBY n 7\nZADD z 2 two 1 one\nAPPEND tree s\n' >b.txt
	cat >work.sh <<'END'
start()
{
	redis-server --port 0 --unixsocket "$PWD/redis.sock" --dir "$PWD" --save '' >>log 2>&1 &
	until redis-cli -s redis.sock ping >pong 2>&1 && grep -q PONG pong; do
		kill -0 $! || exit 1
		sleep 0.05
	done
}
start
redis-cli -s redis.sock <"$1"
redis-cli -s redis.sock shutdown save
wait
start
redis-cli -s redis.sock keys '*' | sort
redis-cli -s redis.sock get n
redis-cli -s redis.sock eval 'return redis.call("dbsize") * 10' 0 >out/tenfold
redis-cli -s redis.sock shutdown nosave
wait
END
}
first='sh work.sh a.txt'
second='sh work.sh b.txt'
second_files='work.sh b.txt'
