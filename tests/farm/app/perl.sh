# perl with modules of CPAN, in Perl and in C: CSV to JSON, XML and dates
# shellcheck shell=sh disable=SC2034
packages='perl libjson-xs-perl libtext-csv-xs-perl libxml-libxml-perl libdatetime-perl'
quick=yes
programs='perl'
prepare()
{
	printf 'name,day\nalice,2023-01-31\nbob,2024-02-29\n' >a.csv
	printf 'name,day\ncarol,2020-12-01\ndan,2021-05-17\neve,1999-08-09\n' >b.csv
	cat >convert.pl <<'END'
use strict;
use warnings;
use JSON::XS;
use Text::CSV_XS qw(csv);
use XML::LibXML;
use DateTime;
use List::Util qw(sum);
use Encode;
my $rows = csv(in => $ARGV[0], headers => "auto");
my $doc = XML::LibXML::Document->new("1.0", "UTF-8");
$doc->setDocumentElement(my $root = $doc->createElement("people"));
for my $r (@$rows) {
	my ($y, $m, $d) = split /-/, $r->{day};
	my $date = DateTime->new(year => $y, month => $m, day => $d, time_zone => "Europe/Berlin");
	$r->{later} = $date->add(months => 1, end_of_month => "limit")->strftime("%a %d %b %Y %z");
	$root->appendTextChild(person => ucfirst $r->{name});
}
print JSON::XS->new->canonical->pretty->encode($rows);
print sum(map { length $_->{name} } @$rows), " letters\n";
$doc->toFile("out/people.xml", 1);
print $_->textContent, "\n" for XML::LibXML->load_xml(location => "out/people.xml")->findnodes("//person");
END
}
first='perl convert.pl a.csv'
second='perl convert.pl b.csv'
second_files='convert.pl b.csv'
