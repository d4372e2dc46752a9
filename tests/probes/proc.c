/* Processes, threads and signals under the tracer. */
#include "probe.h"

#include <linux/sched.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>

static char *const hello_argv[] = { (char *)"hello-zero", (char *)"--hello", (char *)"p",
	NULL };
extern char **environ;

static void
proc_setup(const struct probe_case *c)
{
	char name[40];

	probe_fixture(c);
	put_copy("/proc/self/exe", "in/prog", 0755);
	put_dir("many");
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "many/f%d", i);
		put_file(name, "one of many\n", 0644);
	}
}

static void *
open_in_thread(void *arg)
{
	say_fd("in the thread", open("in/file", O_RDONLY | O_CLOEXEC));
	return arg;
}

static void
thread(const struct probe_case *c)
{
	pthread_t t;

	int r = pthread_create(&t, NULL, open_in_thread, NULL);
	say("join: %d", pthread_join(t, NULL));
	say("create: %d", r);
	say_fd("after", open("in/sub/deep", O_RDONLY | O_CLOEXEC));
	expect_touched("in/file", "read");
}

static void
spawn(const struct probe_case *c)
{
	pid_t pid;

	int error = posix_spawn(&pid, "in/prog", NULL, NULL, hello_argv, environ);
	int status = must_wait(pid);	/* first: it prints as well */

	say("posix_spawn: %d", error);
	say_status("spawned", status);
	say("spawn missing: %s",
	    strerrorname_np(posix_spawn(&pid, "in/none", NULL, NULL, hello_argv, environ)));
	say_status("system", system("cat in/file; exit 3"));
	FILE *f = popen("cat in/sub/deep", "r");
	memset(probe_buf, 0, 100);
	say("popen: %s", fgets(probe_buf, 100, f));
	say_status("pclose", pclose(f));
	expect_touched("in/prog", "exec");
	expect_touched("in/sub/deep", "read");
}

static void
vfork_exec(const struct probe_case *c)
{
	pid_t pid = vfork();

	if (pid == 0) {
		execv("in/prog", hello_argv);
		_exit(99);
	}
	say_status("vforked", must_wait(pid));
	pid = vfork();
	if (pid == 0) {
		execv("in/none", hello_argv);
		_exit(98);
	}
	say_status("vforked missing", must_wait(pid));
	expect_touched("in/prog", "exec");
}

static void
clone3_forms(const struct probe_case *c)
{
	struct clone_args a = { .exit_signal = SIGCHLD };
	long pid = syscall(SYS_clone3, &a, sizeof(a));

	if (pid == 0) {
		say_fd("child of clone3", open("in/file", O_RDONLY | O_CLOEXEC));
		_exit(4);
	}
	say_status("clone3", must_wait(pid));
	int pidfd = -1;
	a = (struct clone_args){ .flags = CLONE_PIDFD | CLONE_VFORK | CLONE_FS,
		.pidfd = (uintptr_t)&pidfd, .exit_signal = SIGCHLD };
	pid = syscall(SYS_clone3, &a, sizeof(a));
	if (pid == 0) {
		if (chdir("in/sub") < 0)
			_exit(5);
		_exit(6);
	}
	say_status("clone3 CLONE_FS", must_wait(pid));
	say("pidfd: %s", pidfd >= 0 ? "ok" : "none");
	say_fd("its chdir is ours", open("deep", O_RDONLY | O_CLOEXEC));
	say("size 0: %s", outcome(syscall(SYS_clone3, &a, 0) < 0 ? -errno : 0));
	say("bad: %s", outcome(syscall(SYS_clone3, 8, sizeof(a)) < 0 ? -errno : 0));
}

static void *
exec_in_thread(void *arg)
{
	execv("in/prog", hello_argv);
	say("exec: %s", outcome(-errno));
	return NULL;
}

static void *
wait_for_ever(void *arg)
{
	for (;;)
		pause();
	return NULL;
}

/* All other threads end, and the thread takes the leader's id. */
static void
exec_from_thread(const struct probe_case *c)
{
	pthread_t t;

	for (int i = 0; i < 3; i++)
		pthread_create(&t, NULL, wait_for_ever, NULL);
	pid_t pid = must_fork();
	if (pid == 0) {
		for (int i = 0; i < 3; i++)
			pthread_create(&t, NULL, wait_for_ever, NULL);
		pthread_create(&t, NULL, exec_in_thread, NULL);
		pthread_join(t, NULL);
		_exit(97);
	}
	say_status("child's exec from thread", must_wait(pid));
	pthread_create(&t, NULL, exec_in_thread, NULL);
	pthread_join(t, NULL);
}

static void *
chdir_in_thread(void *arg)
{
	say("chdir: %s", outcome(chdir("in/sub") < 0 ? -errno : 0));
	return NULL;
}

static void *
own_cwd_in_thread(void *arg)
{
	say("unshare: %s", outcome(unshare(CLONE_FS) < 0 ? -errno : 0));
	say("chdir: %s", outcome(chdir("/") < 0 ? -errno : 0));
	return NULL;
}

static void
shared_cwd(const struct probe_case *c)
{
	pthread_t t;

	pthread_create(&t, NULL, chdir_in_thread, NULL);
	pthread_join(t, NULL);
	say_fd("deep", open("deep", O_RDONLY | O_CLOEXEC));
	pthread_create(&t, NULL, own_cwd_in_thread, NULL);
	pthread_join(t, NULL);
	say_fd("../file", open("../file", O_RDONLY | O_CLOEXEC));
	say("cwd %s", getcwd(probe_buf, 4096));
	pid_t pid = must_fork();
	if (pid == 0) {
		say("child chdir: %s", outcome(chdir("..") < 0 ? -errno : 0));
		_exit(0);
	}
	must_wait(pid);
	say_fd("still deep", open("deep", O_RDONLY | O_CLOEXEC));
	expect_touched("in/sub/deep", "read");
}

static void *
storm_thread(void *arg)
{
	char name[40], text[20];
	long good = 0;

	for (int i = 0; i < 400; i++) {
		snprintf(name, sizeof(name), "many/f%d", (int)((i * 7 + (long)arg * 13) % 200));
		int fd = open(name, O_RDONLY | O_CLOEXEC);
		struct stat st;
		good += fd >= 0 && read(fd, text, 12) == 12 && stat(name, &st) == 0 &&
			access("many/none", F_OK) < 0;
		close(fd);
	}
	return (void *)good;
}

static void
thread_storm(const struct probe_case *c)
{
	pthread_t t[8];
	void *good;

	for (long i = 0; i < 8; i++)
		pthread_create(&t[i], NULL, storm_thread, (void *)i);
	for (int i = 0; i < 8; i++) {
		pthread_join(t[i], &good);
		say("thread %d: %ld", i, (long)good);
	}
	expect_touched("many/f0", "read");
	expect_missed("many/none");
}

static void
fork_storm(const struct probe_case *c)
{
	pid_t pid[32];

	for (int i = 0; i < 32; i++) {
		pid[i] = must_fork();
		if (pid[i] == 0) {
			long good = (long)storm_thread((void *)(long)i);
			_exit(good == 400 ? i : 100);
		}
	}
	for (int i = 0; i < 32; i++)
		say_status("child", must_wait(pid[i]));
}

/* Children that are killed between any two stops. */
static void
killed_anywhere(const struct probe_case *c)
{
	for (int i = 0; i < 60; i++) {
		int pipes[2];
		char x;

		if (pipe(pipes) < 0)
			_exit(96);
		pid_t pid = must_fork();
		if (pid == 0) {
			close(pipes[0]);
			if (write(pipes[1], "x", 1) != 1)
				_exit(95);
			for (;;) {
				close(open("in/file", O_RDONLY));
				close(open("in/none", O_RDONLY));
			}
		}
		close(pipes[1]);
		if (read(pipes[0], &x, 1) != 1)
			say("no start");
		close(pipes[0]);
		for (volatile int k = 0; k < i * 3000; k++)
			;
		kill(pid, SIGKILL);
		int status = must_wait(pid);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
			say_status("not killed", status);
	}
	say("60 killed");
}

static volatile sig_atomic_t alarms;

static void
on_alarm(int sig)
{
	alarms++;
}

static void
signal_storm(const struct probe_case *c)
{
	struct sigaction sa = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	struct itimerval every = { { 0, 300 }, { 0, 300 } }, never = { { 0, 0 }, { 0, 0 } };
	long good = 0, here = 0;

	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
	int rounds = 0;
	while (rounds < 2000 || (alarms < 50 && rounds < 200000)) {
		char text[20], name[40];
		struct stat st;

		snprintf(name, sizeof(name), "many/f%d", rounds % 200);
		int fd = open(name, O_RDONLY | O_CLOEXEC);
		good += fd >= 0 && read(fd, text, 12) == 12;
		here += stat(name, &st) == 0 && getcwd(probe_buf, 4096) &&
			strcmp(probe_buf, probe_cwd) == 0;
		close(fd);
		rounds++;
	}
	setitimer(ITIMER_REAL, &never, NULL);
	say("all opened: %d, all found: %d, alarms came: %d", good == rounds, here == rounds,
	    alarms >= 50);
}

/* A call that waits, interrupted and restarted; its operand must be the program's. */
static void
restart_open(const struct probe_case *c)
{
	struct sigaction sa = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	struct itimerval every = { { 0, 20000 }, { 0, 20000 } }, never = { { 0, 0 }, { 0, 0 } };
	char name[] = "w/fifo", text[10] = "";

	mkfifo("w/fifo", 0600);
	pid_t pid = must_fork();
	if (pid == 0) {
		struct timespec t = { 0, 150000000 };
		nanosleep(&t, NULL);
		int fd = open("w/fifo", O_WRONLY);
		_exit(write(fd, "data", 4) == 4 ? 0 : 1);
	}
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	setitimer(ITIMER_REAL, &never, NULL);
	say("open of a FIFO: %s, name still '%s'", outcome(fd < 0 ? -errno : 0), name);
	say("read %zd '%s'", read(fd, text, 9), text);
	say_status("writer", must_wait(pid));
	say("alarms: %d", alarms > 0);
	sa.sa_flags = 0;
	sigaction(SIGALRM, &sa, NULL);
	every.it_interval.tv_usec = 0;
	setitimer(ITIMER_REAL, &every, NULL);
	say("without SA_RESTART: %s", outcome(open(name, O_RDONLY) < 0 ? -errno : 0));
}

static void
stop_and_continue(const struct probe_case *c)
{
	int status, seen[2]; /* the child must not end before its parent saw it go on */
	pid_t pid;

	if (pipe(seen) < 0)
		return;
	pid = must_fork();
	if (pid == 0) {
		close(seen[1]);
		say("child stops");
		raise(SIGSTOP);
		say("told: %zd", read(seen[0], probe_buf, 1));
		say_fd("child went on", open("in/file", O_RDONLY | O_CLOEXEC));
		_exit(11);
	}
	close(seen[0]);
	for (int i = 0; i < 3; i++) {
		if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status)) {
			say("not stopped: %#x", status);
			return;
		}
		say("stopped by %s", sigabbrev_np(WSTOPSIG(status)));
		/* It must stay stopped. */
		struct timespec t = { 0, 20000000 };
		nanosleep(&t, NULL);
		say("still: %d", waitpid(pid, &status, WNOHANG | WCONTINUED));
		if (i == 2)
			break;
		kill(pid, SIGCONT);
		if (i == 0) {
			say("continued: %d", waitpid(pid, &status, WCONTINUED) == pid &&
			    WIFCONTINUED(status));
			close(seen[1]);
			say_status("end", must_wait(pid));
			pid = must_fork();
			if (pid == 0)
				for (;;)
					pause();
		} else {
			say("continued: %d", waitpid(pid, &status, WCONTINUED) == pid);
		}
		kill(pid, i == 0 ? SIGSTOP : SIGTTIN);
	}
	kill(pid, SIGKILL);
	say_status("killed while stopped", must_wait(pid));
}

/* Stopped with all its threads. */
static void
stop_threads(const struct probe_case *c)
{
	int status;
	pid_t pid = must_fork();

	if (pid == 0) {
		pthread_t t[3];
		for (long i = 0; i < 3; i++)
			pthread_create(&t[i], NULL, storm_thread, (void *)i);
		for (int i = 0; i < 3; i++)
			pthread_join(t[i], NULL);
		_exit(12);
	}
	for (int i = 0; i < 10; i++) {
		kill(pid, SIGSTOP);
		if (waitpid(pid, &status, WUNTRACED) != pid)
			say("waitpid: %s", outcome(-errno));
		if (!WIFSTOPPED(status))
			break;
		kill(pid, SIGCONT);
	}
	if (!WIFEXITED(status))
		status = must_wait(pid);
	say_status("threads", status);
}

static void
orphan(const struct probe_case *c)
{
	int ready = eventfd(0, 0), done = eventfd(0, 0);
	pid_t pid = must_fork();
	uint64_t one = 1;

	if (pid == 0) {
		if (fork() != 0)
			_exit(0);
		setsid();
		while (read(ready, &one, 8) != 8)
			;
		say_fd("orphan", open("in/sub/deep", O_RDONLY | O_CLOEXEC));
		put_file("w/late", "written late\n", 0644);
		_exit(write(done, &one, 8) != 8);
	}
	say_status("parent of the orphan", must_wait(pid));
	if (write(ready, &one, 8) != 8 || read(done, &one, 8) != 8)
		say("eventfd: %s", outcome(-errno));
	say_file("w/late");
	expect_touched("in/sub/deep", "read");
}

static void
exit_status(const struct probe_case *c)
{
	for (int s = 0; s < 256; s += 51) {
		pid_t pid = must_fork();
		if (pid == 0)
			_exit(s);
		say_status("exit", must_wait(pid));
	}
	exit(123);
}

static void
child_signals(const struct probe_case *c)
{
	static const int list[] = { SIGTERM, SIGHUP, SIGINT, SIGKILL, SIGPIPE, SIGUSR1, SIGSEGV,
		SIGABRT, SIGTRAP, SIGSYS, SIGBUS, SIGXCPU };

	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++) {
		pid_t pid = must_fork();
		if (pid == 0) {
			prctl(PR_SET_DUMPABLE, 0);
			signal(list[i], SIG_DFL);
			raise(list[i]);
			_exit(1);
		}
		int s = must_wait(pid);
		say_status(sigabbrev_np(list[i]), s & 0x7f);
	}
	pid_t pid = must_fork();
	if (pid == 0) {
		prctl(PR_SET_DUMPABLE, 0);
		*(volatile int *)8 = 1;
	}
	say_status("fault", must_wait(pid) & 0x7f);
}

static void
die_term(const struct probe_case *c)
{
	raise(SIGTERM);
}

static void
die_kill(const struct probe_case *c)
{
	raise(SIGKILL);
}

static void
die_segv(const struct probe_case *c)
{
	prctl(PR_SET_DUMPABLE, 0);
	*(volatile int *)8 = 1;
}

/* Signals with values, in order, none lost. */
static void
queued_signals(const struct probe_case *c)
{
	sigset_t set;
	siginfo_t info;
	long sum = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (int i = 0; i < 100; i++)
		sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = i });
	for (int i = 0; i < 100; i++) {
		close(open("in/file", O_RDONLY));
		sigwaitinfo(&set, &info);
		sum += info.si_value.sival_int == i && info.si_pid == getpid();
	}
	say("in order: %ld", sum);
}

static void
deep_tree(const struct probe_case *c)
{
	for (int i = 0; i < 20; i++) {
		pid_t pid = must_fork();
		if (pid != 0) {
			int s = must_wait(pid);
			_exit(WIFEXITED(s) ? WEXITSTATUS(s) + 1 : 99);
		}
	}
	say_fd("20 levels down", open("in/file", O_RDONLY | O_CLOEXEC));
	_exit(10);
}

/* Umask, limits, descriptors and signal masks are the program's own. */
static void
inherited(const struct probe_case *c)
{
	sigset_t set;
	int n = 0;

	sigprocmask(SIG_BLOCK, NULL, &set);
	for (int i = 1; i < 65; i++)
		n += sigismember(&set, i) == 1;
	say("blocked signals: %d", n);
	n = 0;
	for (int i = 1; i < 65; i++) {
		struct sigaction sa;
		n += sigaction(i, NULL, &sa) == 0 && sa.sa_handler == SIG_IGN;
	}
	say("ignored signals: %d", n);
	n = 0;
	for (int i = 3; i < 1024; i++)
		if (fcntl(i, F_GETFD) >= 0)
			say("open descriptor %d", i);
	say("umask %03o", umask(0));
	say("nice %d, dumpable %d", getpriority(0, 0), prctl(PR_GET_DUMPABLE));
	say("pdeathsig: %d", prctl(PR_GET_PDEATHSIG, &n) < 0 ? -1 : n);
	say("waitpid: %s", outcome(waitpid(-1, &n, 0) < 0 ? -errno : 0));
}

/* Its own signal at the death of its parent, not one that it was given. */
static void
death_signal(const struct probe_case *c)
{
	static const int wanted[] = { 99, SIGKILL, SIGTERM, 0 };
	int n = -1;

	say("nowhere: %s", outcome(prctl(PR_GET_PDEATHSIG, 8) < 0 ? -errno : 0));
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		prctl(PR_GET_PDEATHSIG, &n);
		say("is %d", n);
		say("set %d: %s", wanted[i],
		    outcome(prctl(PR_SET_PDEATHSIG, wanted[i]) < 0 ? -errno : 0));
	}
	prctl(PR_GET_PDEATHSIG, &n);
	say("is %d", n);
}

const struct probe_case probe_cases[] = {
	CASE_WITH(thread, proc_setup), CASE_WITH(spawn, proc_setup),
	CASE_WITH(vfork_exec, proc_setup), CASE_WITH(clone3_forms, proc_setup),
	CASE_WITH(exec_from_thread, proc_setup), CASE_WITH(shared_cwd, proc_setup),
	CASE_WITH(thread_storm, proc_setup), CASE_WITH(fork_storm, proc_setup),
	CASE_WITH(killed_anywhere, proc_setup), CASE_WITH(signal_storm, proc_setup),
	CASE(restart_open), CASE(stop_and_continue), CASE_WITH(stop_threads, proc_setup),
	CASE(orphan), CASE(exit_status), CASE(child_signals), CASE(die_term), CASE(die_kill),
	CASE(die_segv), CASE(queued_signals), CASE(deep_tree), CASE(inherited),
	CASE(death_signal),
	CASES_END
};
