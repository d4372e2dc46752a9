/*
 * pty SCRIPT CMD…: CMD on a terminal of its own, as the leader of its session, and a
 * dialogue with it: the words of SCRIPT, split at blanks, are
 *	?TEXT   wait until TEXT was printed (20 s), counting from the last match
 *	=TEXT   type TEXT and Return
 *	^C ^Z   type that key
 * then the terminal is read to its end.  Prints what CMD printed; status: CMD's, or 99
 * when something waited for did not come.
 */
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char text[1 << 20];
static size_t len, seen;

/* 1: something came, 0: it ended, -1: too late */
static int
more(int fd, time_t until)
{
	struct pollfd p = {fd, POLLIN, 0};
	ssize_t n;

	if (time(NULL) > until || len + 1 >= sizeof(text))
		return -1;
	if (poll(&p, 1, 500) <= 0)
		return 1;
	n = read(fd, text + len, sizeof(text) - 1 - len);
	if (n <= 0)
		return 0;
	len += n;
	text[len] = '\0';
	return 1;
}

static int
wait_text(int fd, const char *what)
{
	time_t until = time(NULL) + 20;
	char *at;

	while (!(at = strstr(text + seen, what)))
		if (more(fd, until) <= 0)
			return -1;
	seen = at - text + strlen(what);
	return 0;
}

int
main(int argc, char **argv)
{
	int fd, ws = 0, pid, bad = 0;

	if (argc < 3)
		return 98;
	pid = forkpty(&fd, NULL, NULL, NULL);
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	for (char *w = strtok(argv[1], " "); w && !bad; w = strtok(NULL, " ")) {
		char key = w[0] == '^' ? w[1] & 0x1f : '\n';

		if (w[0] == '?') {
			bad = wait_text(fd, w + 1) < 0;
			if (bad)
				fprintf(stderr, "pty: %s did not come\n", w + 1);
			continue;
		}
		if (w[0] == '=' && write(fd, w + 1, strlen(w + 1)) < 0)
			bad = 1;
		if (write(fd, &key, 1) < 0)
			bad = 1;
	}
	time_t until = time(NULL) + 10;
	while (!bad && more(fd, until) > 0)
		;
	if (bad || time(NULL) > until)
		kill(pid, SIGKILL);
	close(fd);
	waitpid(pid, &ws, 0);
	fwrite(text, 1, len, stdout);
	return bad ? 99 : WIFEXITED(ws) ? WEXITSTATUS(ws) : 128 + WTERMSIG(ws);
}
