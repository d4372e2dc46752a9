#!/bin/sh
# node: modules by directory, the worker pool, a child.
# timeout: 120
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need node
mkdir -p node_modules/m lib && echo 'module.exports = x => x * 2' >node_modules/m/index.js
echo '{"name":"m","main":"index.js"}' >node_modules/m/package.json
echo 'data' >lib/d.txt
cat >s.js <<'END'
const fs = require('fs'), m = require('m'), cp = require('child_process'), c = require('crypto');
console.log(m(21), process.cwd(), process.argv.slice(2), fs.readdirSync('.').sort());
Promise.all([1, 2, 3, 4, 5, 6].map(() => fs.promises.readFile('lib/d.txt', 'utf8'))).then(r => {
  console.log(r.join('').length, cp.execFileSync(process.execPath, ['-p', '1+1']).toString());
  console.log(c.createHash('sha256').update('x').digest('hex'));
  process.exitCode = 9;
});
END
trip node s.js "a b"
