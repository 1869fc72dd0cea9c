/*
 * Stands between a process and libc, for the files of one directory: counts the calls, lets the nth
 * of them fail, and records what is written. Loaded with LD_PRELOAD by `disk.ts`, which sets
 *
 *   DISK_FAULTS_DIR      the directory; calls on other files pass through uncounted
 *   DISK_FAULTS_CONTROL  a file of `struct control`, by which the process steers this while it runs
 *   DISK_FAULTS_LOG      a file that gets a record of each successful change while `recording` is set
 *
 * Linux with glibc only.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* Classes of calls; `disk.ts` has the same numbers. */
enum {
  OPEN_TO_READ = 1,  /* also listing a directory */
  OPEN_TO_WRITE = 2, /* also making a directory */
  READ = 4,
  WRITE = 8, /* also ftruncate */
  SYNC = 16,
  LOCK = 32,
  REMOVE = 64, /* unlink, rmdir, rename */
  STAT = 128, /* also access and readlink */
  MAP = 256,
};

/* Each field is a little-endian 64-bit integer, so that the process can read and write it. */
struct control {
  _Atomic int64_t classes;   /* which calls count; 0: none */
  _Atomic int64_t nth;       /* the call that fails, from 1; 0: none */
  _Atomic int64_t lasting;   /* 1: all calls after it fail as well */
  _Atomic int64_t error;     /* errno of those that fail */
  _Atomic int64_t torn;      /* 1: the nth call, if it writes, writes its first half, and the next fails */
  _Atomic int64_t recording; /* 1: changes are recorded */
  _Atomic int64_t count;     /* calls so far */
  _Atomic int64_t failed;    /* those that failed */
};

/* Kinds of records; `recorded-writes.ts` has the same numbers. */
enum { RECORD_WRITE = 1, RECORD_TRUNCATE = 2, RECORD_SYNC = 3, RECORD_REMOVE = 4 };

struct record {
  uint32_t kind;
  uint32_t name_length; /* the path below the directory follows, then the data */
  uint64_t offset;      /* for RECORD_TRUNCATE: the new length */
  uint64_t length;      /* of the data */
};

#define MOST_FDS 4096

static const char *dir;
static size_t dir_length;
static struct control *control;
static int log_fd = -1;
static char *name_of_fd[MOST_FDS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(result, name, ...)                                      \
  static result (*real)(__VA_ARGS__);                                \
  if (!real) real = (result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

__attribute__((constructor)) static void begin(void) {
  const char *control_path = getenv("DISK_FAULTS_CONTROL");
  const char *log_path = getenv("DISK_FAULTS_LOG");
  dir = getenv("DISK_FAULTS_DIR");
  if (!dir || !control_path) return;
  int fd = open(control_path, O_RDWR | O_CLOEXEC);
  if (fd < 0) abort();
  void *mapped = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (mapped == MAP_FAILED) abort();
  if (log_path) log_fd = open(log_path, O_WRONLY | O_APPEND | O_CLOEXEC);
  dir_length = strlen(dir);
  control = mapped;
}

/* The path below the directory, or NULL. */
static const char *inside(const char *path) {
  if (!control || !path || strncmp(path, dir, dir_length) != 0) return NULL;
  if (path[dir_length] != '/' && path[dir_length] != '\0') return NULL;
  return path[dir_length] ? path + dir_length + 1 : "";
}

static const char *name_of(int fd) {
  return control && fd >= 0 && fd < MOST_FDS ? name_of_fd[fd] : NULL;
}

static void set_name(int fd, const char *name) {
  if (fd < 0 || fd >= MOST_FDS) return;
  char *old = name_of_fd[fd];
  name_of_fd[fd] = name ? strdup(name) : NULL;
  free(old);
}

/* Whether this call fails; if so, errno is set. 2: it does half of its work. */
static int fails(int class) {
  if (!(control->classes & class)) return 0;
  int64_t nth = control->nth;
  int64_t call = ++control->count;
  if (nth == 0 || call < nth) return 0;
  int64_t last = nth + control->torn;
  if (call > last && !control->lasting) return 0;
  errno = (int)control->error;
  if (call == nth && control->torn && class == WRITE) return 2;
  ++control->failed;
  return 1;
}

static void append(const void *data, size_t length) {
  static ssize_t (*real)(int, const void *, size_t);
  if (!real) real = (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
  if (real(log_fd, data, length) != (ssize_t)length) abort();
}

static void note(uint32_t kind, const char *name, uint64_t offset, const void *data, size_t length) {
  if (!control->recording || log_fd < 0) return;
  struct record record = {kind, (uint32_t)strlen(name), offset, length};
  int error = errno;
  pthread_mutex_lock(&lock);
  append(&record, sizeof record);
  append(name, record.name_length);
  if (length > 0) append(data, length);
  pthread_mutex_unlock(&lock);
  errno = error;
}

static int opened(int fd, const char *name, int flags) {
  if (fd < 0) return fd;
  set_name(fd, name);
  if (flags & O_TRUNC) note(RECORD_TRUNCATE, name, 0, NULL, 0);
  return fd;
}

static int open_class(int flags) {
  return (flags & O_ACCMODE) == O_RDONLY && !(flags & O_CREAT) ? OPEN_TO_READ : OPEN_TO_WRITE;
}

static int open_by(const char *symbol, const char *path, int flags, mode_t mode) {
  int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, symbol);
  const char *name = inside(path);
  if (!name) {
    int fd = real(path, flags, mode);
    if (control && fd >= 0) set_name(fd, NULL);
    return fd;
  }
  if (fails(open_class(flags)) == 1) return -1;
  return opened(real(path, flags, mode), name, flags);
}

static mode_t mode_of(int flags, va_list args) {
  return flags & (O_CREAT | O_TMPFILE) ? (mode_t)va_arg(args, int) : 0;
}

int open(const char *path, int flags, ...) {
  va_list args;
  va_start(args, flags);
  mode_t mode = mode_of(flags, args);
  va_end(args);
  return open_by("open", path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  va_list args;
  va_start(args, flags);
  mode_t mode = mode_of(flags, args);
  va_end(args);
  return open_by("open64", path, flags, mode);
}

int close(int fd) {
  REAL(int, "close", int);
  if (control && fd >= 0 && fd < MOST_FDS && name_of_fd[fd]) set_name(fd, NULL);
  return real(fd);
}

static ssize_t read_by(ssize_t (*real)(int, void *, size_t, off64_t), int fd, void *to, size_t size,
                       off64_t offset) {
  if (name_of(fd) && fails(READ) == 1) return -1;
  return real(fd, to, size, offset);
}

ssize_t pread(int fd, void *to, size_t size, off_t offset) {
  REAL(ssize_t, "pread", int, void *, size_t, off64_t);
  return read_by(real, fd, to, size, offset);
}

ssize_t pread64(int fd, void *to, size_t size, off64_t offset) {
  REAL(ssize_t, "pread64", int, void *, size_t, off64_t);
  return read_by(real, fd, to, size, offset);
}

ssize_t read(int fd, void *to, size_t size) {
  REAL(ssize_t, "read", int, void *, size_t);
  if (name_of(fd) && fails(READ) == 1) return -1;
  return real(fd, to, size);
}

static ssize_t pwrite_by(ssize_t (*real)(int, const void *, size_t, off64_t), int fd,
                         const void *from, size_t size, off64_t offset) {
  const char *name = name_of(fd);
  if (!name) return real(fd, from, size, offset);
  int failure = fails(WRITE);
  if (failure == 1) return -1;
  ssize_t written = real(fd, from, failure == 2 && size > 1 ? size / 2 : size, offset);
  if (written > 0) note(RECORD_WRITE, name, (uint64_t)offset, from, (size_t)written);
  return written;
}

ssize_t pwrite(int fd, const void *from, size_t size, off_t offset) {
  REAL(ssize_t, "pwrite", int, const void *, size_t, off64_t);
  return pwrite_by(real, fd, from, size, offset);
}

ssize_t pwrite64(int fd, const void *from, size_t size, off64_t offset) {
  REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
  return pwrite_by(real, fd, from, size, offset);
}

ssize_t write(int fd, const void *from, size_t size) {
  REAL(ssize_t, "write", int, const void *, size_t);
  const char *name = name_of(fd);
  if (!name) return real(fd, from, size);
  int failure = fails(WRITE);
  if (failure == 1) return -1;
  int flags = fcntl(fd, F_GETFL);
  off64_t offset = lseek64(fd, 0, flags & O_APPEND ? SEEK_END : SEEK_CUR);
  ssize_t written = real(fd, from, failure == 2 && size > 1 ? size / 2 : size);
  if (written > 0) note(RECORD_WRITE, name, (uint64_t)offset, from, (size_t)written);
  return written;
}

/* Streams of Node write so, and only they do. Not recorded. */
ssize_t writev(int fd, const struct iovec *from, int count) {
  REAL(ssize_t, "writev", int, const struct iovec *, int);
  if (name_of(fd) && fails(WRITE)) return -1;
  return real(fd, from, count);
}

ssize_t pwritev64(int fd, const struct iovec *from, int count, off64_t offset) {
  REAL(ssize_t, "pwritev64", int, const struct iovec *, int, off64_t);
  if (name_of(fd) && fails(WRITE)) return -1;
  return real(fd, from, count, offset);
}

static int truncate_by(int (*real)(int, off64_t), int fd, off64_t length) {
  const char *name = name_of(fd);
  if (name && fails(WRITE) == 1) return -1;
  int result = real(fd, length);
  if (name && result == 0) note(RECORD_TRUNCATE, name, (uint64_t)length, NULL, 0);
  return result;
}

int ftruncate(int fd, off_t length) {
  REAL(int, "ftruncate", int, off64_t);
  return truncate_by(real, fd, length);
}

int ftruncate64(int fd, off64_t length) {
  REAL(int, "ftruncate64", int, off64_t);
  return truncate_by(real, fd, length);
}

static int sync_by(int (*real)(int), int fd) {
  const char *name = name_of(fd);
  if (name && fails(SYNC) == 1) return -1;
  int result = real(fd);
  if (name && result == 0) note(RECORD_SYNC, name, 0, NULL, 0);
  return result;
}

int fsync(int fd) {
  REAL(int, "fsync", int);
  return sync_by(real, fd);
}

int fdatasync(int fd) {
  REAL(int, "fdatasync", int);
  return sync_by(real, fd);
}

static int fcntl_by(const char *symbol, int fd, int command, void *arg) {
  int (*real)(int, int, ...) = (int (*)(int, int, ...))dlsym(RTLD_NEXT, symbol);
  if (command == F_SETLK && name_of(fd)) {
    const struct flock *wanted = arg;
    /* Nobody is refused to give a lock up. */
    if (wanted->l_type != F_UNLCK && fails(LOCK) == 1) return -1;
  }
  return real(fd, command, arg);
}

int fcntl(int fd, int command, ...) {
  va_list args;
  va_start(args, command);
  void *arg = va_arg(args, void *);
  va_end(args);
  return fcntl_by("fcntl", fd, command, arg);
}

int fcntl64(int fd, int command, ...) {
  va_list args;
  va_start(args, command);
  void *arg = va_arg(args, void *);
  va_end(args);
  return fcntl_by("fcntl64", fd, command, arg);
}

int mkdir(const char *path, mode_t mode) {
  REAL(int, "mkdir", const char *, mode_t);
  if (inside(path) && fails(OPEN_TO_WRITE) == 1) return -1;
  return real(path, mode);
}

char *mkdtemp(char *template) {
  REAL(char *, "mkdtemp", char *);
  if (inside(template) && fails(OPEN_TO_WRITE) == 1) return NULL;
  return real(template);
}

int scandir64(const char *path, struct dirent64 ***list, int (*filter)(const struct dirent64 *),
              int (*compare)(const struct dirent64 **, const struct dirent64 **)) {
  REAL(int, "scandir64", const char *, struct dirent64 ***, int (*)(const struct dirent64 *),
       int (*)(const struct dirent64 **, const struct dirent64 **));
  if (inside(path) && fails(OPEN_TO_READ) == 1) return -1;
  return real(path, list, filter, compare);
}

static int remove_by(int (*real)(const char *), const char *path) {
  const char *name = inside(path);
  if (name && fails(REMOVE) == 1) return -1;
  int result = real(path);
  if (name && result == 0) note(RECORD_REMOVE, name, 0, NULL, 0);
  return result;
}

int unlink(const char *path) {
  REAL(int, "unlink", const char *);
  return remove_by(real, path);
}

int rmdir(const char *path) {
  REAL(int, "rmdir", const char *);
  return remove_by(real, path);
}

int rename(const char *from, const char *to) {
  REAL(int, "rename", const char *, const char *);
  if (inside(to) && fails(REMOVE) == 1) return -1;
  return real(from, to);
}

int stat64(const char *path, struct stat64 *to) {
  REAL(int, "stat64", const char *, struct stat64 *);
  if (inside(path) && fails(STAT) == 1) return -1;
  return real(path, to);
}

int lstat64(const char *path, struct stat64 *to) {
  REAL(int, "lstat64", const char *, struct stat64 *);
  if (inside(path) && fails(STAT) == 1) return -1;
  return real(path, to);
}

int fstat64(int fd, struct stat64 *to) {
  REAL(int, "fstat64", int, struct stat64 *);
  if (name_of(fd) && fails(STAT) == 1) return -1;
  return real(fd, to);
}

int access(const char *path, int mode) {
  REAL(int, "access", const char *, int);
  if (inside(path) && fails(STAT) == 1) return -1;
  return real(path, mode);
}

ssize_t readlink(const char *path, char *to, size_t size) {
  REAL(ssize_t, "readlink", const char *, char *, size_t);
  if (inside(path) && fails(STAT) == 1) return -1;
  return real(path, to, size);
}

/* Node's stat, lstat and fstat are statx by way of syscall. */
long syscall(long number, ...) {
  REAL(long, "syscall", long, ...);
  va_list args;
  va_start(args, number);
  long a = va_arg(args, long), b = va_arg(args, long), c = va_arg(args, long);
  long d = va_arg(args, long), e = va_arg(args, long), f = va_arg(args, long);
  va_end(args);
  if (number == SYS_statx) {
    const char *path = (const char *)b;
    int is_inside = path && *path ? inside(path) != NULL : name_of((int)a) != NULL;
    if (is_inside && fails(STAT) == 1) return -1;
  }
  return real(number, a, b, c, d, e, f);
}

void *mmap64(void *at, size_t length, int protection, int flags, int fd, off64_t offset) {
  REAL(void *, "mmap64", void *, size_t, int, int, int, off64_t);
  if (name_of(fd) && fails(MAP) == 1) return MAP_FAILED;
  return real(at, length, protection, flags, fd, offset);
}

/* SQLite sleeps between its tries to get a lock that is refused. Nobody else has it here. */
int nanosleep(const struct timespec *time, struct timespec *left) {
  REAL(int, "nanosleep", const struct timespec *, struct timespec *);
  if (control && (control->classes & LOCK) && control->failed > 0) return 0;
  return real(time, left);
}
