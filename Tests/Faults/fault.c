/* A library that counts the file operations of a process, and lets a chosen one fail, tear or be its last.

       gcc -shared -fPIC -O2 -o fault.so fault.c -ldl -lpthread
       LD_PRELOAD=./fault.so FAULT_ROOT=/folder FAULT_LOG=/elsewhere/log FAULT_AT=17 FAULT_KIND=ENOSPC program

   Only operations on paths under FAULT_ROOT count. They are numbered from 1.

       FAULT_ROOT     absolute path of a folder, without links in it
       FAULT_OPS      the operations that count: names with commas, or `state` for all that change the disk (default: all)
       FAULT_LOG      a file to which a line is appended before each operation: number, name, bytes, path, fault; tabs between
       FAULT_AT       the number of the operation that fails (default: none)
       FAULT_KIND     ENOSPC EIO EACCES EINTR EMFILE ENOMEM   the operation fails
                      short                                   a read or write moves half of the bytes
                      kill torn after                         SIGKILL before, in the middle of, or after the operation
                      signal                                  FAULT_SIGNAL is sent to the process, and the operation goes on
       FAULT_PERSIST  1: so do all later operations that this fault fits
       FAULT_SIGNAL   the signal's number
       FAULT_CLOCK    a factor by which CLOCK_BOOTTIME runs faster, so that what is done every few seconds is done more often; 0 stops it, so that
                      nothing that is measured differs from run to run

   The names: open (for writing, or to create), open-read, read, write, fsync, close (of a file open for writing), close-read, rename, unlink,
   truncate, mkdir, link, list, map, times. Linux with glibc only. The C library's calls to itself are not seen: of stdio, only fopen is. */
#define _GNU_SOURCE
#undef _FORTIFY_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum operation {
  OPEN, OPEN_READ, READ, WRITE, FSYNC, CLOSE, CLOSE_READ, RENAME, UNLINK, TRUNCATE, MKDIR, LINK, LIST, MAP, TIMES, OPERATIONS
};
static const char *const names[OPERATIONS] = {
  "open", "open-read", "read", "write", "fsync", "close", "close-read", "rename", "unlink", "truncate", "mkdir", "link", "list", "map",
  "times"
};
#define BIT(operation) (1u << (operation))
#define STATE (BIT(OPEN) | BIT(WRITE) | BIT(FSYNC) | BIT(CLOSE) | BIT(RENAME) | BIT(UNLINK) | BIT(TRUNCATE) | BIT(MKDIR) | BIT(LINK))
#define ALL (BIT(OPERATIONS) - 1)

/* The errors that an operation can meet. An unlink that fails leaves a file behind whatever the program does. */
static const struct kind {
  const char *name;
  int code;
  unsigned fits;
} kinds[] = {
  {"ENOSPC", ENOSPC, BIT(OPEN) | BIT(WRITE) | BIT(FSYNC) | BIT(RENAME) | BIT(MKDIR) | BIT(LINK)},
  {"EIO", EIO, ALL & ~BIT(CLOSE_READ)},
  {"EACCES", EACCES, BIT(OPEN) | BIT(OPEN_READ) | BIT(RENAME) | BIT(UNLINK) | BIT(MKDIR) | BIT(LINK) | BIT(LIST) | BIT(MAP) | BIT(TIMES)},
  {"EINTR", EINTR, BIT(OPEN) | BIT(OPEN_READ) | BIT(READ) | BIT(WRITE) | BIT(FSYNC) | BIT(CLOSE) | BIT(CLOSE_READ) | BIT(TRUNCATE)},
  {"EMFILE", EMFILE, BIT(OPEN) | BIT(OPEN_READ) | BIT(LIST)},
  {"ENOMEM", ENOMEM, BIT(MAP)},
};

enum special { NONE, ERROR, SHORT, KILL, TORN, AFTER, SIGNAL };

static char root[PATH_MAX];
static size_t rootLength;
static unsigned counted = ALL;
static int logFile = -1;
static long faultAt;
static int persists;
static enum special special;
static int errorCode, signalNumber;
static unsigned errorFits;
static double clockFactor = -1;
static struct timespec clockStart;
static atomic_long counter;
static atomic_int isReady;

#define FILES 65536
static struct {
  _Atomic(char *) path;
  atomic_int isWritten;
} files[FILES];

__attribute__((constructor)) static void begin(void) {
  const char *text = getenv("FAULT_CLOCK");
  if (text) {
    syscall(SYS_clock_gettime, CLOCK_BOOTTIME, &clockStart);
    clockFactor = atof(text);
  }
  text = getenv("FAULT_ROOT");
  if (!text || *text != '/' || strlen(text) >= sizeof root) return;
  strcpy(root, text);
  rootLength = strlen(root);
  while (rootLength > 1 && root[rootLength - 1] == '/') root[--rootLength] = 0;
  if ((text = getenv("FAULT_OPS")) && *text) {
    counted = 0;
    while (*text) {
      size_t length = strcspn(text, ",");
      if (length == 5 && !memcmp(text, "state", 5)) counted |= STATE;
      for (int i = 0; i < OPERATIONS; i++)
        if (strlen(names[i]) == length && !memcmp(text, names[i], length)) counted |= BIT(i);
      text += length + (text[length] == ',');
    }
  }
  if ((text = getenv("FAULT_LOG"))) {
    int low = syscall(SYS_openat, AT_FDCWD, text, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    /* Out of the way of the program's descriptors, which are numbered from the lowest free one. */
    logFile = low < 0 ? -1 : syscall(SYS_fcntl, low, F_DUPFD_CLOEXEC, 900);
    if (logFile < 0) logFile = low;
    else syscall(SYS_close, low);
  }
  if ((text = getenv("FAULT_AT"))) faultAt = atol(text);
  if ((text = getenv("FAULT_SIGNAL"))) signalNumber = atoi(text);
  persists = (text = getenv("FAULT_PERSIST")) && *text == '1';
  if ((text = getenv("FAULT_KIND"))) {
    static const char *const specials[] = {"", "", "short", "kill", "torn", "after", "signal"};
    for (int i = SHORT; i <= SIGNAL; i++)
      if (!strcmp(text, specials[i])) special = i;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
      if (!strcmp(text, kinds[i].name)) {
        special = ERROR;
        errorCode = kinds[i].code;
        errorFits = kinds[i].fits;
      }
  }
  atomic_store(&isReady, 1);
}

/* MARK: Paths */

/* Writes the absolute path without "." and "..", and says whether it lies under the root. */
static int resolve(int folder, const char *path, char *out) {
  if (!atomic_load(&isReady) || !path || !*path) return 0;
  char whole[2 * PATH_MAX];
  size_t length = strlen(path);
  if (length >= PATH_MAX) return 0;
  if (*path == '/') {
    memcpy(whole, path, length + 1);
  } else {
    if (folder == AT_FDCWD) {
      if (syscall(SYS_getcwd, whole, (size_t)PATH_MAX) < 0) return 0;
    } else {
      char *known = folder >= 0 && folder < FILES ? atomic_load(&files[folder].path) : NULL;
      if (!known) return 0;
      strcpy(whole, known);
    }
    size_t start = strlen(whole);
    whole[start] = '/';
    memcpy(whole + start + 1, path, length + 1);
  }
  size_t end = 0;
  for (char *part = whole; *part;) {
    while (*part == '/') part++;
    size_t size = strcspn(part, "/");
    if (size == 0) break;
    if (size == 2 && part[0] == '.' && part[1] == '.') {
      while (end > 0 && out[--end] != '/') {}
    } else if (!(size == 1 && part[0] == '.')) {
      if (end + size + 2 > PATH_MAX) return 0;
      out[end++] = '/';
      memmove(out + end, part, size);
      end += size;
    }
    part += size;
  }
  if (end == 0) out[end++] = '/';
  out[end] = 0;
  return !strncmp(out, root, rootLength) && (out[rootLength] == 0 || out[rootLength] == '/' || rootLength == 1);
}

static char *pathOf(int file) { return file >= 0 && file < FILES ? atomic_load(&files[file].path) : NULL; }

/* The old path is never freed: another thread may be reading it. */
static void remember(int file, const char *path, int isWritten) {
  if (file < 0 || file >= FILES) return;
  atomic_store(&files[file].isWritten, isWritten);
  atomic_store(&files[file].path, path ? strdup(path) : NULL);
}

static void forget(int file) {
  if (file >= 0 && file < FILES) atomic_store(&files[file].path, NULL);
}

/* MARK: Faults */

static void die(void) {
  syscall(SYS_kill, (pid_t)syscall(SYS_getpid), SIGKILL);
  for (;;) {
    struct timespec second = {1, 0};
    syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &second, NULL);
  }
}

/* Counts an operation, logs it and says what is to happen to it. */
static enum special count(enum operation operation, const char *path, long bytes) {
  if (!(counted & BIT(operation))) return NONE;
  long number = atomic_fetch_add(&counter, 1) + 1;
  int fits = special == ERROR ? !!(errorFits & BIT(operation))
    : special == SHORT        ? (operation == READ || operation == WRITE) && bytes > 1
                              : special != NONE;
  int happens = faultAt > 0 && fits && (persists ? number >= faultAt : number == faultAt);
  if (logFile >= 0) {
    int saved = errno;
    char line[PATH_MAX + 128];
    int length = snprintf(
      line, sizeof line, "%ld\t%s\t%ld\t%s\t%s\n", number, names[operation], bytes, path, happens ? getenv("FAULT_KIND") : "");
    if (length > 0) syscall(SYS_write, logFile, line, (size_t)length);
    errno = saved;
  }
  if (!happens) return NONE;
  if (special == KILL || (special == TORN && operation != WRITE)) die();
  if (special == SIGNAL) {
    syscall(SYS_kill, (pid_t)syscall(SYS_getpid), signalNumber);
    return NONE;
  }
  return special;
}

/* Ends an operation that was carried out. */
static long done(enum special fault, long result) {
  if (fault == AFTER) die();
  return result;
}

static int fail(void) {
  errno = errorCode;
  return -1;
}

/* MARK: Opening and closing */

static int openFile(int folder, const char *path, int flags, mode_t mode) {
  char whole[PATH_MAX];
  int isInside = resolve(folder, path, whole);
  int isWritten = (flags & O_ACCMODE) != O_RDONLY || flags & (O_CREAT | O_TRUNC);
  enum special fault = isInside ? count(isWritten ? OPEN : OPEN_READ, whole, 0) : NONE;
  if (fault == ERROR) return fail();
  int file = syscall(SYS_openat, folder, path, flags, mode);
  if (file >= 0) {
    if (isInside) remember(file, whole, isWritten);
    else forget(file);
  }
  return done(fault, file);
}

#define OPENING(name, folder, before) \
  int name(before const char *path, int flags, ...) { \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
    va_end(rest); \
    return openFile(folder, path, flags, mode); \
  }
#define AT int folder,
OPENING(open, AT_FDCWD, )
OPENING(open64, AT_FDCWD, )
OPENING(__open, AT_FDCWD, )
OPENING(__open64, AT_FDCWD, )
OPENING(openat, folder, AT)
OPENING(openat64, folder, AT)
int __open_2(const char *path, int flags) { return openFile(AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) { return openFile(AT_FDCWD, path, flags, 0); }
int __openat_2(int folder, const char *path, int flags) { return openFile(folder, path, flags, 0); }
int __openat64_2(int folder, const char *path, int flags) { return openFile(folder, path, flags, 0); }
int creat(const char *path, mode_t mode) { return openFile(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return creat(path, mode); }

static FILE *openStream(const char *name, const char *path, const char *mode) {
  FILE *(*next)(const char *, const char *) = (FILE * (*)(const char *, const char *)) dlsym(RTLD_NEXT, name);
  char whole[PATH_MAX];
  int isWritten = mode && (strpbrk(mode, "wa+") != NULL);
  enum special fault = resolve(AT_FDCWD, path, whole) ? count(isWritten ? OPEN : OPEN_READ, whole, 0) : NONE;
  if (fault == ERROR) {
    fail();
    return NULL;
  }
  FILE *stream = next(path, mode);
  done(fault, 0);
  return stream;
}
FILE *fopen(const char *path, const char *mode) { return openStream("fopen", path, mode); }
FILE *fopen64(const char *path, const char *mode) { return openStream("fopen64", path, mode); }

DIR *opendir(const char *path) {
  DIR *(*next)(const char *) = (DIR * (*)(const char *)) dlsym(RTLD_NEXT, "opendir");
  char whole[PATH_MAX];
  enum special fault = resolve(AT_FDCWD, path, whole) ? count(LIST, whole, 0) : NONE;
  if (fault == ERROR) {
    fail();
    return NULL;
  }
  DIR *stream = next(path);
  done(fault, 0);
  return stream;
}

/* A close that reports an error has closed the file all the same. */
int close(int file) {
  char *path = pathOf(file);
  enum special fault = path ? count(atomic_load(&files[file].isWritten) ? CLOSE : CLOSE_READ, path, 0) : NONE;
  if (file == logFile && logFile >= 0) return 0;
  forget(file);
  int result = syscall(SYS_close, file);
  return fault == ERROR ? fail() : done(fault, result);
}

static int copied(int from, int to) {
  if (to >= 0 && from >= 0 && from < FILES) remember(to, pathOf(from), atomic_load(&files[from].isWritten));
  return to;
}
int dup(int file) { return copied(file, syscall(SYS_dup, file)); }
int dup3(int from, int to, int flags) { return copied(from, syscall(SYS_dup3, from, to, flags)); }
int dup2(int from, int to) {
  if (from == to) return syscall(SYS_fcntl, from, F_GETFD) < 0 ? -1 : to;
  return dup3(from, to, 0);
}

/* MARK: Reading and writing */

/* Carries out a transfer of `size` bytes, or of half of them. `call` uses `size`. */
#define TRANSFER(operation, wanted, call) \
  char *path = pathOf(file); \
  if (!path) { \
    size_t size = (wanted); \
    (void)size; \
    return call; \
  } \
  enum special fault = count(operation, path, (long)(wanted)); \
  if (fault == ERROR) return fail(); \
  size_t size = fault == SHORT || fault == TORN ? (wanted) / 2 : (wanted); \
  ssize_t moved = call; \
  if (fault == TORN || fault == AFTER) die(); \
  return moved;

ssize_t read(int file, void *bytes, size_t wanted) { TRANSFER(READ, wanted, syscall(SYS_read, file, bytes, size)) }
ssize_t pread(int file, void *bytes, size_t wanted, off_t at) { TRANSFER(READ, wanted, syscall(SYS_pread64, file, bytes, size, at)) }
ssize_t pread64(int file, void *bytes, size_t wanted, off64_t at) { return pread(file, bytes, wanted, at); }
ssize_t __read_chk(int file, void *bytes, size_t wanted, size_t room) {
  if (wanted > room) abort();
  return read(file, bytes, wanted);
}
ssize_t __pread_chk(int file, void *bytes, size_t wanted, off_t at, size_t room) {
  if (wanted > room) abort();
  return pread(file, bytes, wanted, at);
}
ssize_t __pread64_chk(int file, void *bytes, size_t wanted, off64_t at, size_t room) { return __pread_chk(file, bytes, wanted, at, room); }
ssize_t write(int file, const void *bytes, size_t wanted) { TRANSFER(WRITE, wanted, syscall(SYS_write, file, bytes, size)) }
ssize_t pwrite(int file, const void *bytes, size_t wanted, off_t at) {
  TRANSFER(WRITE, wanted, syscall(SYS_pwrite64, file, bytes, size, at))
}
ssize_t pwrite64(int file, const void *bytes, size_t wanted, off64_t at) { return pwrite(file, bytes, wanted, at); }

/* The parts one after the other, as far as each goes; that is not one atomic write, which no program here relies on. */
ssize_t writev(int file, const struct iovec *parts, int number) {
  if (!pathOf(file)) return syscall(SYS_writev, file, parts, number);
  ssize_t all = 0;
  for (int i = 0; i < number; i++) {
    ssize_t moved = write(file, parts[i].iov_base, parts[i].iov_len);
    if (moved < 0) return all > 0 ? all : -1;
    all += moved;
    if ((size_t)moved < parts[i].iov_len) break;
  }
  return all;
}
ssize_t pwritev(int file, const struct iovec *parts, int number, off_t at) {
  ssize_t all = 0;
  for (int i = 0; i < number; i++) {
    ssize_t moved = pwrite(file, parts[i].iov_base, parts[i].iov_len, at + all);
    if (moved < 0) return all > 0 ? all : -1;
    all += moved;
    if ((size_t)moved < parts[i].iov_len) break;
  }
  return all;
}
ssize_t pwritev64(int file, const struct iovec *parts, int number, off64_t at) { return pwritev(file, parts, number, at); }
ssize_t copy_file_range(int from, off64_t *fromAt, int file, off64_t *at, size_t wanted, unsigned flags) {
  TRANSFER(WRITE, wanted, syscall(SYS_copy_file_range, from, fromAt, file, at, size, flags))
}
ssize_t sendfile(int file, int from, off_t *at, size_t wanted) { TRANSFER(WRITE, wanted, syscall(SYS_sendfile, file, from, at, size)) }
ssize_t sendfile64(int file, int from, off64_t *at, size_t wanted) { return sendfile(file, from, at, wanted); }

static int onFile(enum operation operation, int file, long bytes, int number, long second, long third, long fourth) {
  char *path = pathOf(file);
  enum special fault = path ? count(operation, path, bytes) : NONE;
  if (fault == ERROR) return fail();
  return done(fault, syscall(number, file, second, third, fourth));
}
int fsync(int file) { return onFile(FSYNC, file, 0, SYS_fsync, 0, 0, 0); }
int fdatasync(int file) { return onFile(FSYNC, file, 0, SYS_fdatasync, 0, 0, 0); }
int ftruncate(int file, off_t size) { return onFile(TRUNCATE, file, size, SYS_ftruncate, size, 0, 0); }
int ftruncate64(int file, off64_t size) { return ftruncate(file, size); }
int fallocate(int file, int mode, off_t at, off_t size) { return onFile(TRUNCATE, file, size, SYS_fallocate, mode, at, size); }
int fallocate64(int file, int mode, off64_t at, off64_t size) { return fallocate(file, mode, at, size); }
/* These two return the error. */
int posix_fallocate(int file, off_t at, off_t size) { return fallocate(file, 0, at, size) < 0 ? errno : 0; }
int posix_fallocate64(int file, off64_t at, off64_t size) { return posix_fallocate(file, at, size); }

void *mmap(void *at, size_t size, int protection, int flags, int file, off_t offset) {
  char *path = pathOf(file);
  if (path && !(flags & MAP_ANONYMOUS)) {
    enum special fault = count(MAP, path, (long)size);
    if (fault == ERROR) {
      fail();
      return MAP_FAILED;
    }
    if (fault == AFTER) die();
  }
  return (void *)syscall(SYS_mmap, at, size, protection, flags, file, offset);
}
void *mmap64(void *at, size_t size, int protection, int flags, int file, off64_t offset) {
  return mmap(at, size, protection, flags, file, offset);
}

/* MARK: Names */

static int onName(enum operation operation, int folder, const char *path, int number, long second, long third, long fourth, long fifth) {
  char whole[PATH_MAX];
  enum special fault = resolve(folder, path, whole) ? count(operation, whole, 0) : NONE;
  if (fault == ERROR) return fail();
  return done(fault, syscall(number, folder, second, third, fourth, fifth));
}
int unlinkat(int folder, const char *path, int flags) { return onName(UNLINK, folder, path, SYS_unlinkat, (long)path, flags, 0, 0); }
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }
int remove(const char *path) {
  int result = unlink(path);
  return result < 0 && (errno == EISDIR || errno == EPERM) ? rmdir(path) : result;
}
int mkdirat(int folder, const char *path, mode_t mode) { return onName(MKDIR, folder, path, SYS_mkdirat, (long)path, mode, 0, 0); }
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }
int utimensat(int folder, const char *path, const struct timespec times[2], int flags) {
  return onName(TIMES, folder, path, SYS_utimensat, (long)path, (long)times, flags, 0);
}
int truncate(const char *path, off_t size) {
  char whole[PATH_MAX];
  enum special fault = resolve(AT_FDCWD, path, whole) ? count(TRUNCATE, whole, size) : NONE;
  return fault == ERROR ? fail() : done(fault, syscall(SYS_truncate, path, size));
}
int truncate64(const char *path, off64_t size) { return truncate(path, size); }

/* The place that counts is the new name. */
int renameat2(int fromFolder, const char *from, int toFolder, const char *to, unsigned flags) {
  char whole[PATH_MAX];
  enum special fault = resolve(toFolder, to, whole) ? count(RENAME, whole, 0) : NONE;
  return fault == ERROR ? fail() : done(fault, syscall(SYS_renameat2, fromFolder, from, toFolder, to, flags));
}
int renameat(int fromFolder, const char *from, int toFolder, const char *to) { return renameat2(fromFolder, from, toFolder, to, 0); }
int rename(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }
int linkat(int fromFolder, const char *from, int toFolder, const char *to, int flags) {
  char whole[PATH_MAX];
  enum special fault = resolve(toFolder, to, whole) ? count(LINK, whole, 0) : NONE;
  return fault == ERROR ? fail() : done(fault, syscall(SYS_linkat, fromFolder, from, toFolder, to, flags));
}
int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }
int symlinkat(const char *from, int folder, const char *to) {
  char whole[PATH_MAX];
  enum special fault = resolve(folder, to, whole) ? count(LINK, whole, 0) : NONE;
  return fault == ERROR ? fail() : done(fault, syscall(SYS_symlinkat, from, folder, to));
}
int symlink(const char *from, const char *to) { return symlinkat(from, AT_FDCWD, to); }

/* MARK: Clock */

int clock_gettime(clockid_t clock, struct timespec *time) {
  int result = syscall(SYS_clock_gettime, clock, time);
  if (result == 0 && clock == CLOCK_BOOTTIME && clockFactor >= 0) {
    double gone = (double)(time->tv_sec - clockStart.tv_sec) + 1e-9 * (double)(time->tv_nsec - clockStart.tv_nsec);
    double later = (double)clockStart.tv_nsec * 1e-9 + gone * clockFactor;
    time->tv_sec = clockStart.tv_sec + (time_t)later;
    time->tv_nsec = (long)((later - (double)(time_t)later) * 1e9);
  }
  return result;
}
