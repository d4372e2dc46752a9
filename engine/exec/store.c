#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/map.h"
#include "exec/store.h"

/* A directory of our own in which programs can be started? */
static bool
usable(const char *dir)
{
	struct stat st;
	struct statvfs fs;

	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return false;
	if (lstat(dir, &st) < 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid() ||
	    (st.st_mode & 022))
		return false;
	return statvfs(dir, &fs) == 0 && !(fs.f_flag & (ST_NOEXEC | ST_RDONLY)) &&
	       access(dir, W_OK | X_OK) == 0;
}

int
store_open(struct str *dir, struct err *e)
{
	static const char *const shared[] = { "/var/tmp", "/tmp", "/dev/shm" };
	const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (base && base[0] == '/') {
		str_clear(dir);
		str_addf(dir, "%s/cde-exec", base);
		if (usable(dir->s))
			return 0;
	}
	if (home && home[0] == '/') {
		str_clear(dir);
		str_addf(dir, "%s/.cache", home);
		mkdir(dir->s, 0700);
		str_add(dir, "/cde-exec");
		if (usable(dir->s))
			return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(shared); i++) {
		str_clear(dir);
		str_addf(dir, "%s/cde-exec-%u", shared[i], geteuid());
		if (usable(dir->s))
			return 0;
	}
	str_clear(dir);
	return err_set(e, 0,
		       "no directory for copies of programs: tried $XDG_CACHE_HOME, "
		       "~/.cache, /var/tmp, /tmp and /dev/shm (writable and not noexec)");
}

/* DIR/KEY/as/NAME → target (a link); all parts are made when missing. */
static int
make_alias(const struct str *key_dir, const char *target, const char *name,
	   struct str *out)
{
	AUTO(str_fini) struct str have = STR_INIT;

	str_set(out, key_dir->s);
	str_add(out, "/as");
	if (mkdir(out->s, 0700) < 0 && errno != EEXIST)
		return -errno;
	str_addf(out, "/%s", name);
	if (symlink(target, out->s) == 0)
		return 0;
	if (errno != EEXIST)
		return -errno;
	if (fs_readlink(AT_FDCWD, out->s, &have) == 0 && strcmp(have.s, target) == 0)
		return 0;
	unlink(out->s);
	return symlink(target, out->s) == 0 ? 0 : -errno;
}

static int
make_copy(const struct str *key_dir, int prog, const struct elf_head *h,
	  const char *loader)
{
	AUTO(str_fini) struct str tmp = STR_INIT, to = STR_INIT;
	int r;

	str_addf(&tmp, "%s/tmp.%d", key_dir->s, getpid());
	str_addf(&to, "%s/prog", key_dir->s);
	AUTO(fd_drop) int fd = open(tmp.s, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
	if (fd < 0)
		return -errno;
	r = elf_copy_with_loader(prog, fd, h, loader);
	if (r == 0 && fchmod(fd, 0700) < 0)
		r = -errno;
	fd_drop(&fd); /* before it has its name: who starts it would get ETXTBSY */
	if (r == 0 && rename(tmp.s, to.s) < 0)
		r = -errno;
	if (r < 0)
		unlink(tmp.s);
	return r;
}

int
store_program(const struct str *dir, int prog, const struct elf_head *h,
	      const char *loader, const char *name, struct str *out)
{
	AUTO(str_fini) struct str id = STR_INIT, key = STR_INIT;
	struct stat st;
	int r;

	if (!dir->len)
		return -ENOENT;
	if (fstat(prog, &st) < 0)
		return -errno;
	str_addf(&id, "%llx %llx %llx %lld.%ld %lld.%ld %s",
		 (unsigned long long)st.st_dev, (unsigned long long)st.st_ino,
		 (unsigned long long)st.st_size, (long long)st.st_mtim.tv_sec,
		 st.st_mtim.tv_nsec, (long long)st.st_ctim.tv_sec, st.st_ctim.tv_nsec,
		 loader);
	str_addf(&key, "%s/%016llx", dir->s, (unsigned long long)map_hash(id.s, id.len));
	str_set(out, key.s);
	str_add(out, "/prog");
	if (access(out->s, X_OK) < 0) {
		if (mkdir(key.s, 0700) < 0 && errno != EEXIST)
			return -errno;
		r = make_copy(&key, prog, h, loader);
		if (r < 0)
			return r;
	}
	return make_alias(&key, "../prog", name, out);
}

int
store_alias(const struct str *dir, const char *real, const char *name, struct str *out)
{
	AUTO(str_fini) struct str key = STR_INIT;

	if (!dir->len)
		return -ENOENT;
	str_addf(&key, "%s/link-%016llx", dir->s,
		 (unsigned long long)map_hash(real, strlen(real)));
	if (mkdir(key.s, 0700) < 0 && errno != EEXIST)
		return -errno;
	return make_alias(&key, real, name, out);
}
