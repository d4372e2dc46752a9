# nginx and curl: a web server with compression and a listing, over TCP and a Unix socket
# shellcheck shell=sh disable=SC2034
packages='nginx-light curl'
programs='nginx, curl'
prepare()
{
	mkdir a b
	seq 1 3000 >a/page.txt
	printf '<p>first</p>\n' >a/index.html
	seq 7000 8000 >b/page.txt
	printf '<p>second</p>\n' >b/index.html
	mkdir log
	cat >nginx.conf <<'END'
pid log/pid;
error_log log/error;
worker_processes 2;
events { worker_connections 64; }
http {
	include /etc/nginx/mime.types;
	access_log log/access;
	client_body_temp_path log/1;
	proxy_temp_path log/2;
	fastcgi_temp_path log/3;
	uwsgi_temp_path log/4;
	scgi_temp_path log/5;
	gzip on;
	gzip_types text/plain;
	server { listen unix:log/sock; root site; }
	server { listen 127.0.0.1:8089; root site; location /list/ { alias site/; autoindex on; autoindex_format json; } }
}
END
	cat >work.sh <<'END'
rm -f site
ln -s "$1" site
nginx -e log/error -p "$PWD" -c nginx.conf || exit 1
curl -sS http://127.0.0.1:8089/
curl -sS --compressed http://localhost:8089/page.txt -o out/page.txt
curl -sS --unix-socket log/sock -D - http://any/index.html | grep -i '^content'
curl -sS -o /dev/null -w '%{http_code}\n' http://127.0.0.1:8089/nothing
curl -sS http://127.0.0.1:8089/list/ | grep -o '"name":"[a-z.]*"'
nginx -e log/error -p "$PWD" -c nginx.conf -s stop
while [ -e log/pid ]; do sleep 0.05; done
wc -l <log/access
END
}
first='sh work.sh a'
second='sh work.sh b'
second_files='work.sh nginx.conf log b'
