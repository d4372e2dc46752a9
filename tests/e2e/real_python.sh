#!/bin/sh
# python3: json, ssl, sqlite3, subprocess, zoneinfo, a package by directory.
# timeout: 120
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need python3
mkdir -p pack/sub && echo 'VALUE = 42' >pack/sub/mod.py && : >pack/__init__.py
cat >s.py <<'END'
import json, ssl, sqlite3, sys, os, subprocess, glob, hashlib, threading, ctypes, importlib
import pkgutil, pack
db = sqlite3.connect("test.db")
db.execute("create table if not exists t (a, b)")
db.executemany("insert into t values (?, ?)", [(1, "x"), (2, "y")])
db.commit()
print(json.dumps(db.execute("select * from t").fetchall()))
c = ssl.create_default_context()
print(ssl.OPENSSL_VERSION, len(c.get_ca_certs()), hashlib.sha256(b"x").hexdigest())
print(sorted(m.name for m in pkgutil.iter_modules(pack.__path__)))
print(importlib.import_module("pack.sub.mod").VALUE, sorted(glob.glob("p*/**", recursive=True)))
print(subprocess.check_output([sys.executable, "-c", "import sys; print(sys.argv)", "a b"]))
t = threading.Thread(target=lambda: print(os.getcwd(), sys.executable)); t.start(); t.join()
print(ctypes.CDLL(None).getpid() == os.getpid())
sys.exit(4)
END
trip python3 s.py
