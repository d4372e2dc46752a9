# php: SQLite by PDO, XML, multibyte strings
# shellcheck shell=sh disable=SC2034
packages='php-cli php-sqlite3 php-xml php-mbstring'
programs='php'
prepare()
{
	printf 'köln 5\nberlin 3\n' >a.txt
	printf 'zürich 8\nbern 2\nchur 4\n' >b.txt
	cat >towns.php <<'END'
<?php
$db = new PDO("sqlite:towns.db");
$db->exec("CREATE TABLE town (name TEXT, size INT)");
$put = $db->prepare("INSERT INTO town VALUES (?, ?)");
foreach (file($argv[1], FILE_IGNORE_NEW_LINES) as $line)
	$put->execute(explode(" ", $line));
$rows = $db->query("SELECT name, size FROM town ORDER BY size")->fetchAll(PDO::FETCH_NUM);
$doc = new DOMDocument;
$doc->appendChild($top = $doc->createElement("towns"));
foreach ($rows as [$name, $size]) {
	echo mb_convert_case($name, MB_CASE_TITLE), " ", mb_strlen($name), " $size\n";
	$top->appendChild($doc->createElement("town", $name));
}
$doc->save("out/towns.xml");
echo json_encode($rows), " ", hash("sha256", serialize($rows)), "\n";
END
}
first='rm -f towns.db; php towns.php a.txt'
second='rm -f towns.db; php towns.php b.txt'
second_files='towns.php b.txt'
