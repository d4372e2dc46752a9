#!/bin/sh
# A JVM through its chain of links.
# timeout: 120
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need java javac
echo 'public class H { public static void main(String[] a) { System.out.println("Hello " + a[0]); } }' >H.java
javac H.java || broken javac
BARE=
trip java -Xshare:auto -cp . H "wide world"
out_is replay "Hello wide world"
