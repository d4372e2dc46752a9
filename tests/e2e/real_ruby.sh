#!/bin/sh
# ruby: require, json, Dir, a child.
# timeout: 120
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need ruby
echo 'def twice(x) = 2 * x' >inc.rb
echo '{"a":[1,2]}' >d.json
cat >s.rb <<'END'
require 'json'
require 'set'
require 'digest'
require_relative 'inc'
p JSON.parse(File.read('d.json')), twice(21), Dir.pwd, Dir.glob('*').sort, Digest::SHA256.hexdigest('x')
puts `cat d.json`, Thread.new { File.exist?('none') }.value
exit 2
END
trip ruby s.rb
