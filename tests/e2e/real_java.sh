#!/bin/sh
# java: a class with threads, files and a resource; javac where it is.
# timeout: 180
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need java javac
cat >M.java <<'END'
import java.nio.file.*;
import java.util.*;
public class M {
	public static void main(String[] a) throws Exception {
		List<Thread> l = new ArrayList<>();
		int[] n = new int[4];
		for (int i = 0; i < 4; i++) {
			int k = i;
			Thread t = new Thread(() -> { for (int j = 0; j < 1000; j++) n[k] += k; });
			t.start();
			l.add(t);
		}
		for (Thread t : l) t.join();
		System.out.println(Arrays.toString(n) + Files.readString(Path.of("in.txt")));
		Files.writeString(Path.of("out.txt"), "x");
		System.out.println(Path.of("").toAbsolutePath() + " " + Files.exists(Path.of("out.txt")));
		System.exit(7);
	}
}
END
echo text >in.txt
trip sh -c 'javac M.java && java M'
status_is replay 7
