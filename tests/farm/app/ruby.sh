# ruby: a gem in C (nokogiri), the standard library, a child process
# shellcheck shell=sh disable=SC2034
packages='ruby ruby-nokogiri'
programs='ruby'
prepare()
{
	echo '<list><item n="3">pear</item><item n="1">fig</item></list>' >a.xml
	echo '<list><item n="9">owl</item><item n="4">bee</item><item n="6">ant</item></list>' >b.xml
	cat >items.rb <<'END'
require 'nokogiri'
require 'json'
require 'csv'
require 'erb'
require 'digest'
require 'open3'
items = Nokogiri::XML(File.read(ARGV[0])).xpath('//item').map { |i| [i['n'].to_i, i.text] }.sort
puts JSON.pretty_generate(items)
puts Digest::SHA256.hexdigest(items.to_s)
File.write('out/items.csv', CSV.generate { |c| items.each { |i| c << i } })
puts ERB.new("<% items.each do |n, t| %><%= t * n %> <% end %>").result(binding)
puts Open3.capture2('sort', '-r', stdin_data: items.map(&:last).join("\n")).first
END
}
first='ruby items.rb a.xml'
second='ruby items.rb b.xml'
second_files='items.rb b.xml'
