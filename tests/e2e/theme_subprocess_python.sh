#!/bin/sh
# A program that starts another with many modules.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need python3
cat >main.py <<'END'
import subprocess, sys
print(subprocess.run([sys.executable, "-c", """
import os, re, json, email.message, xml.dom.minidom, decimal, logging, unittest
print(json.dumps({'a': str(decimal.Decimal(1) / 7)}), os.getcwd())
"""], capture_output=True, text=True))
END
trip python3 main.py
