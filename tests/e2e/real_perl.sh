#!/bin/sh
# perl with modules, data, and a child.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need perl
printf 'b 2\na 1\n' >data
cat >s.pl <<'END'
use strict; use warnings; use File::Find; use Data::Dumper; use POSIX qw(floor); use Cwd;
use List::Util qw(sum); use Encode;
open my $f, '<', 'data' or die "data: $!";
my %h = map { chomp; split ' ' } <$f>;
$Data::Dumper::Sortkeys = 1;
print Dumper(\%h), sum(values %h), " ", floor(2.5), " ", getcwd, "\n";
find({ wanted => sub { print "$File::Find::name\n" }, preprocess => sub { sort @_ } }, '.');
print `cat data`, length(decode('UTF-8', "\xc3\xa9")), "\n";
exit 5;
END
trip perl s.pl
