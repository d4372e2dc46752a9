# Java: compile two classes, make a jar, run it with threads and a sort
# shellcheck shell=sh disable=SC2034
packages='default-jdk-headless'
quick=yes
programs='javac, jar, java'
limit=120
prepare()
{
	printf 'pear\napple\nplum\nfig\n' >a.txt
	printf 'zebra\nant\nmole\nowl\nbee\n' >b.txt
	mkdir src
	cat >src/Words.java <<'END'
import java.nio.file.*;
import java.util.*;
import java.util.stream.*;
public class Words {
	static List<String> sorted(String file) throws Exception {
		return Files.readAllLines(Path.of(file)).parallelStream().sorted()
			.collect(Collectors.toList());
	}
}
END
	cat >src/Main.java <<'END'
import java.nio.file.*;
import java.security.MessageDigest;
import java.util.*;
public class Main {
	public static void main(String[] args) throws Exception {
		List<String> words = Words.sorted(args[0]);
		System.out.println(words + " " + Locale.getDefault());
		byte[] d = MessageDigest.getInstance("SHA-256").digest(words.toString().getBytes());
		System.out.printf("%032x%n", new java.math.BigInteger(1, d));
		Thread[] t = new Thread[4];
		for (int i = 0; i < t.length; i++) {
			final int n = i;
			t[i] = new Thread(() -> { try {
				Files.writeString(Path.of("out/thread" + n), words.get(n % words.size()));
			} catch (Exception e) { throw new RuntimeException(e); } });
			t[i].start();
		}
		for (Thread x : t)
			x.join();
	}
}
END
}
first='javac -d classes src/*.java && jar cfe prog.jar Main -C classes . && java -jar prog.jar a.txt'
second='javac -d classes src/*.java && jar cfe prog.jar Main -C classes . && java -jar prog.jar b.txt'
second_files='src b.txt'
