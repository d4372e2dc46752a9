#!/bin/sh
# php: include, json, file functions.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need php
echo '<?php function twice($x) { return 2 * $x; }' >inc.php
echo '{"a":[1,2]}' >d.json
cat >s.php <<'END'
<?php
require __DIR__ . '/inc.php';
print_r(json_decode(file_get_contents('d.json'), true));
echo twice(21), " ", getcwd(), " ", implode(",", scandir('.')), " ", PHP_VERSION, "\n";
file_put_contents('out', 'x');
echo realpath('out'), " ", is_file('none') ? 1 : 0, "\n";
exit(3);
END
trip php s.php
