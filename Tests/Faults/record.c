// Records what a program writes below a folder, in the order in which it does, so that check_powerloss.py can build what a power cut at
// any moment would have left. Linux, for LD_PRELOAD.
//   RECORD_ROOT   the folder, an absolute path
//   RECORD_LOG    the file to write to
// A record is: one byte for the operation, three numbers of eight bytes (inode, offset or length, number of bytes that follow), then
// the bytes: what was written, or one or two paths with a NUL behind each.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define MOST 4096

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char root[PATH_MAX];
static int log_file = -2;
// The inode of each open file below the root; 0 for any other. A folder is marked, since only its synchronisation counts.
static uint64_t inodes[MOST];
static char folders[MOST][256];

static void start(void) {
  if (log_file != -2) return;
  const char *folder = getenv("RECORD_ROOT"), *file = getenv("RECORD_LOG");
  log_file = -1;
  if (!folder || !file) return;
  snprintf(root, sizeof root, "%s/", folder);
  log_file = syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

static void put(char operation, uint64_t inode, uint64_t offset, const void *bytes, uint64_t count) {
  if (log_file < 0) return;
  uint64_t numbers[3] = {inode, offset, count};
  struct iovec parts[3] = {{&operation, 1}, {numbers, sizeof numbers}, {(void *)bytes, count}};
  syscall(SYS_writev, log_file, parts, 3);
}

// The path below the root, or NULL.
static const char *below(const char *path, char *buffer) {
  start();
  if (log_file < 0 || !path) return NULL;
  if (path[0] != '/') {
    char folder[PATH_MAX / 2];
    if (syscall(SYS_getcwd, folder, sizeof folder) < 0) return NULL;
    while (path[0] == '.' && path[1] == '/') path += 2;
    snprintf(buffer, PATH_MAX, "%s/%.2000s", folder, strcmp(path, ".") ? path : "");
  } else {
    snprintf(buffer, PATH_MAX, "%s", path);
  }
  // PATH/.. is what a new folder is synchronised through.
  size_t length = strlen(buffer);
  if (length > 3 && !strcmp(buffer + length - 3, "/..")) {
    buffer[length - 3] = 0;
    char *slash = strrchr(buffer, '/');
    if (slash) slash[1] = 0;
  }
  length = strlen(root);
  if (!strncmp(buffer, root, length)) return buffer + length;
  return !strncmp(buffer, root, length - 1) && buffer[length - 1] == 0 ? "" : NULL;
}

static void put_paths(char operation, uint64_t inode, uint64_t number, const char *one, const char *other) {
  char bytes[2 * PATH_MAX];
  size_t first = strlen(one) + 1, second = other ? strlen(other) + 1 : 0;
  memcpy(bytes, one, first);
  if (other) memcpy(bytes + first, other, second);
  put(operation, inode, number, bytes, first + second);
}

static void opened(int descriptor, const char *path, int flags, int existed) {
  char buffer[PATH_MAX];
  const char *name = below(path, buffer);
  struct stat status;
  if (!name || descriptor < 0 || descriptor >= MOST || fstat(descriptor, &status)) return;
  pthread_mutex_lock(&lock);
  inodes[descriptor] = status.st_ino;
  folders[descriptor][0] = 0;
  if (S_ISDIR(status.st_mode)) {
    snprintf(folders[descriptor], sizeof folders[0], "/%s", name);
  } else if ((flags & O_CREAT) && !existed) {
    put_paths('C', status.st_ino, 0, name, NULL);
  } else if (flags & O_TRUNC) {
    put('T', status.st_ino, 0, NULL, 0);
  }
  pthread_mutex_unlock(&lock);
}


static int open_any(int folder, const char *path, int flags, mode_t mode) {
  struct stat status;
  int existed = syscall(SYS_newfstatat, folder, path, &status, 0) == 0;
  int descriptor = syscall(SYS_openat, folder, path, flags, mode);
  if (descriptor < 0) return -1;
  if (folder == AT_FDCWD || path[0] == '/') opened(descriptor, path, flags, existed);
  return descriptor;
}

static mode_t mode_of(int flags, va_list list) { return flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0; }

#define OPEN(name)                                       \
  int name(const char *path, int flags, ...) {           \
    va_list list;                                        \
    va_start(list, flags);                               \
    mode_t mode = mode_of(flags, list);                  \
    va_end(list);                                        \
    return open_any(AT_FDCWD, path, flags, mode);        \
  }
OPEN(open)
OPEN(open64)
#define OPENAT(name)                                        \
  int name(int folder, const char *path, int flags, ...) {  \
    va_list list;                                           \
    va_start(list, flags);                                  \
    mode_t mode = mode_of(flags, list);                     \
    va_end(list);                                           \
    return open_any(folder, path, flags, mode);             \
  }
OPENAT(openat)
OPENAT(openat64)
int creat(const char *path, mode_t mode) { return open_any(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

static uint64_t inode(int descriptor) {
  return descriptor >= 0 && descriptor < MOST && !folders[descriptor][0] ? inodes[descriptor] : 0;
}

int close(int descriptor) {
  if (descriptor >= 0 && descriptor < MOST) {
    pthread_mutex_lock(&lock);
    inodes[descriptor] = 0;
    folders[descriptor][0] = 0;
    pthread_mutex_unlock(&lock);
  }
  return syscall(SYS_close, descriptor);
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
  uint64_t own = inode(descriptor);
  if (!own) return syscall(SYS_write, descriptor, bytes, count);
  pthread_mutex_lock(&lock);
  off_t offset = lseek(descriptor, 0, SEEK_CUR);
  ssize_t written = syscall(SYS_write, descriptor, bytes, count);
  int code = errno;
  if (written > 0) put('W', own, offset, bytes, written);
  pthread_mutex_unlock(&lock);
  errno = code;
  return written;
}

static ssize_t pwrite_any(int descriptor, const void *bytes, size_t count, off_t offset) {
  uint64_t own = inode(descriptor);
  if (!own) return syscall(SYS_pwrite64, descriptor, bytes, count, offset);
  pthread_mutex_lock(&lock);
  ssize_t written = syscall(SYS_pwrite64, descriptor, bytes, count, offset);
  int code = errno;
  if (written > 0) put('W', own, offset, bytes, written);
  pthread_mutex_unlock(&lock);
  errno = code;
  return written;
}
ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
  return pwrite_any(descriptor, bytes, count, offset);
}
ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off_t offset) {
  return pwrite_any(descriptor, bytes, count, offset);
}

static int truncate_any(int descriptor, off_t size) {
  uint64_t own = inode(descriptor);
  pthread_mutex_lock(&lock);
  int code = syscall(SYS_ftruncate, descriptor, size);
  if (!code && own) put('T', own, size, NULL, 0);
  pthread_mutex_unlock(&lock);
  return code;
}
int ftruncate(int descriptor, off_t size) { return truncate_any(descriptor, size); }
int ftruncate64(int descriptor, off_t size) { return truncate_any(descriptor, size); }

static int synchronize(int descriptor, long number) {
  int code = syscall(number, descriptor);
  if (code || descriptor < 0 || descriptor >= MOST || !inodes[descriptor]) return code;
  pthread_mutex_lock(&lock);
  if (folders[descriptor][0]) {
    put_paths('D', 0, 0, folders[descriptor] + 1, NULL);
  } else {
    put('S', inodes[descriptor], 0, NULL, 0);
  }
  pthread_mutex_unlock(&lock);
  return code;
}
int fsync(int descriptor) { return synchronize(descriptor, SYS_fsync); }
int fdatasync(int descriptor) { return synchronize(descriptor, SYS_fdatasync); }

int rename(const char *from, const char *to) {
  char one[PATH_MAX], other[PATH_MAX];
  const char *source = below(from, one), *target = below(to, other);
  pthread_mutex_lock(&lock);
  int code = syscall(SYS_rename, from, to);
  int number = errno;
  if (!code && source && target) put_paths('R', 0, 0, source, target);
  pthread_mutex_unlock(&lock);
  errno = number;
  return code;
}

static int unlink_any(int folder, const char *path, int flags) {
  char buffer[PATH_MAX];
  const char *name = folder == AT_FDCWD || path[0] == '/' ? below(path, buffer) : NULL;
  pthread_mutex_lock(&lock);
  int code = syscall(SYS_unlinkat, folder, path, flags);
  int number = errno;
  if (!code && name) put_paths('U', 0, 0, name, NULL);
  pthread_mutex_unlock(&lock);
  errno = number;
  return code;
}
int unlink(const char *path) { return unlink_any(AT_FDCWD, path, 0); }
int unlinkat(int folder, const char *path, int flags) { return unlink_any(folder, path, flags); }

int mkdir(const char *path, mode_t mode) {
  char buffer[PATH_MAX];
  const char *name = below(path, buffer);
  pthread_mutex_lock(&lock);
  int code = syscall(SYS_mkdir, path, mode);
  int number = errno;
  if (!code && name) put_paths('M', 0, 0, name, NULL);
  pthread_mutex_unlock(&lock);
  errno = number;
  return code;
}
