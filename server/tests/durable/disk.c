/*
 * disk.c: stands between a server and its disk. Loaded by LD_PRELOAD into the server's process, and into no other.
 *
 * It does two things to whatever happens below the directory DISK_ROOT:
 *
 *   records   every effect goes into the file DISK_LOG, and so does every octet that is sent through a TCP socket, all under
 *             one lock: the log is one order of what reached the files, what was synced, and what clients were told. From it the
 *             directory can be built as a loss of power at any point may leave it.
 *   injects   syncs and writes fail, files cannot grow, writes are short: as the file DISK_CONTROL says, which is mapped, so
 *             that whoever writes to that file changes the disk's mind at once.
 *
 * What is ignored. SQLite maps *-shm, the index of its log: it is rebuilt from the log by whoever opens the database after a crash, so
 * nothing of it has to last; and what is stored into mapped memory cannot be seen from here. It can run into a full disk, though.
 * What is done to files by other calls than these is not seen: a test compares what was recorded with what is there.
 *
 * Room is counted by the sizes of files, holes and all, and not by the blocks that the system says they take: it gives those to a file
 * some time after the write, and whoever asks meanwhile can be told too few, or the same ones twice.
 *
 * When a sync fails, Linux takes the pages for clean: what was to be synced may be lost though a later sync succeeds. SYNC_FAILED
 * says so to whoever reads the log.
 */
#define _GNU_SOURCE
#define _LARGEFILE64_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* The same in log.rs. */
enum { OPENED = 1, CLOSED, WRITTEN, SIZED, SYNC_BEGUN, SYNC_ENDED, SYNC_FAILED, MADE, REMOVED, RENAMED, TOLD };

struct record {
    uint32_t kind;
    int32_t descriptor; /* TOLD: the peer's port */
    uint64_t number;    /* OPENED: flags; WRITTEN: offset; SIZED: size; RENAMED: length of the old path */
    uint64_t length;    /* of what follows: a path below the root, or octets */
};

/* The same in shim.rs. */
struct faults {
    uint64_t pass; /* so many go well first */
    uint64_t fail; /* so many fail then, with EIO */
};
struct control {
    uint64_t room;    /* how many octets can be allocated; all ones: no limit */
    uint64_t longest; /* how many octets one write takes; 0: no limit */
    struct faults syncs, writes;
    char only[32]; /* syncs and writes of files whose path ends so; those of the others go well */
    uint64_t end;  /* if not 0, the process is killed as soon as the next effect is recorded, and has no other */
};

enum kind { UNKNOWN, NOTHING, DURABLE, VOLATILE, SOCKET };
enum { DESCRIPTORS = 65536, PARTS = 1024 };

static struct {
    enum kind kind;
    int port;
    char *path; /* below the root */
} table[DESCRIPTORS];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char root[PATH_MAX];
static size_t root_length;
static int journal = -1;
static volatile struct control *control;

/* The function that this one stands before. */
#define REAL(name)                                                      \
    __extension__({                                                     \
        static __typeof__(&name) found;                                 \
        if (!found)                                                     \
            *(void **)&found = dlsym(RTLD_NEXT, #name);                 \
        found;                                                          \
    })

__attribute__((constructor)) static void start(void)
{
    const char *where = getenv("DISK_ROOT"), *log = getenv("DISK_LOG"), *orders = getenv("DISK_CONTROL");
    if (!where || !log || !orders)
        return;
    int file = REAL(open)(orders, O_RDWR | O_CLOEXEC);
    void *mapped = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    journal = REAL(open)(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || mapped == MAP_FAILED || journal < 0)
        abort();
    REAL(close)(file);
    control = mapped;
    root_length = (size_t)snprintf(root, sizeof root, "%s", where);
}

/* Appends to the log; the lock is held. A log with holes would prove nothing, so it aborts rather than have one. */
static void record(uint32_t kind, int descriptor, uint64_t number, const struct iovec *parts, size_t length)
{
    struct record head = {kind, descriptor, number, length};
    if (REAL(write)(journal, &head, sizeof head) != (ssize_t)sizeof head)
        abort();
    for (; length > 0; parts++) {
        size_t size = parts->iov_len < length ? parts->iov_len : length;
        if (REAL(write)(journal, parts->iov_base, size) != (ssize_t)size)
            abort();
        length -= size;
    }
    if (control->end)
        kill(getpid(), SIGKILL);
}

static void record_path(uint32_t kind, int descriptor, uint64_t number, char *path)
{
    struct iovec part = {path, strlen(path)};
    record(kind, descriptor, number, &part, part.iov_len);
}

/* The path below the root, "" for the root itself; NULL if it is not below. `whole` is absolute. */
static char *below(char *whole)
{
    if (root_length == 0 || strncmp(whole, root, root_length) != 0)
        return NULL;
    char *rest = whole + root_length;
    return *rest == '/' ? rest + 1 : *rest ? NULL : rest;
}

static char *path_of(int descriptor, char whole[PATH_MAX])
{
    char link[32];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, whole, PATH_MAX - 1);
    whole[length < 0 ? 0 : length] = 0;
    return below(whole);
}

/* What a name at a directory means, without following links: the tests make none. */
static char *path_at(int directory, const char *name, char whole[PATH_MAX])
{
    size_t length = 0;
    if (name[0] != '/') {
        if (directory == AT_FDCWD)
            whole = getcwd(whole, PATH_MAX);
        else
            path_of(directory, whole);
        length = strlen(whole);
        whole[length++] = '/';
    }
    snprintf(whole + length, PATH_MAX - length, "%s", name);
    return below(whole);
}

/* What a descriptor is that nobody has asked about before: what was not opened under our eyes is a socket, or nothing to us. */
static enum kind kind_of(int descriptor)
{
    if (root_length == 0 || descriptor < 0 || descriptor >= DESCRIPTORS)
        return NOTHING;
    if (table[descriptor].kind == UNKNOWN) {
        int kept = errno;
        struct sockaddr_in6 peer; /* the port is where it is in sockaddr_in */
        socklen_t size = sizeof peer;
        int internet = getpeername(descriptor, (struct sockaddr *)&peer, &size) == 0 &&
                       (peer.sin6_family == AF_INET || peer.sin6_family == AF_INET6);
        table[descriptor].port = internet ? ntohs(peer.sin6_port) : 0;
        table[descriptor].kind = internet ? SOCKET : NOTHING;
        errno = kept;
    }
    return table[descriptor].kind;
}

static int is_file(int descriptor)
{
    return kind_of(descriptor) == DURABLE || kind_of(descriptor) == VOLATILE;
}

/* Whether this sync or write is one of those that fail. */
static int fails(volatile struct faults *faults, int descriptor)
{
    const char *path = table[descriptor].path, *only = (const char *)control->only;
    size_t length = strlen(path), end = strlen(only);
    if (faults->fail == 0 || length < end || strcmp(path + length - end, only) != 0)
        return 0;
    if (faults->pass > 0) {
        faults->pass--;
        return 0;
    }
    if (faults->fail != UINT64_MAX)
        faults->fail--;
    return 1;
}

/* An order that comes meanwhile stands. */
static void take_room(int64_t octets)
{
    uint64_t room = control->room, left;
    do {
        if (room == UINT64_MAX)
            return;
        left = octets > 0 && (uint64_t)octets > room ? 0 : room - (uint64_t)octets; /* modulo 2^64: less than nothing gives back */
    } while (!__atomic_compare_exchange_n(&control->room, &room, left, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
}

/* open */

static int opened(int descriptor, int flags, int64_t freed)
{
    if (descriptor < 0 || descriptor >= DESCRIPTORS || root_length == 0)
        return descriptor;
    char whole[PATH_MAX];
    char *path = path_of(descriptor, whole);
    table[descriptor].kind = NOTHING;
    if (path) {
        size_t length = strlen(path);
        int shared = length >= 4 && strcmp(path + length - 4, "-shm") == 0;
        table[descriptor].kind = shared ? VOLATILE : DURABLE;
        free(table[descriptor].path);
        table[descriptor].path = strdup(path);
        take_room(-freed);
        if (!shared)
            record_path(OPENED, descriptor, (uint64_t)flags, path);
    }
    return descriptor;
}

/* How much O_TRUNC will give back. */
static int64_t truncated(int directory, const char *name, int flags)
{
    char whole[PATH_MAX];
    struct stat status;
    if (!(flags & O_TRUNC) || !path_at(directory, name, whole) || stat(whole, &status) != 0)
        return 0;
    return status.st_size;
}

#define OPEN(directory, name, flags, mode, call)                        \
    do {                                                                \
        pthread_mutex_lock(&lock);                                      \
        int64_t freed = truncated(directory, name, flags);              \
        int descriptor = opened(call, flags, freed);                    \
        int kept = errno;                                               \
        pthread_mutex_unlock(&lock);                                    \
        errno = kept;                                                   \
        return descriptor;                                              \
    } while (0)

#define MODE(last)                                                      \
    mode_t mode = 0;                                                    \
    if (flags & (O_CREAT | O_TMPFILE)) {                                \
        va_list list;                                                   \
        va_start(list, last);                                           \
        mode = va_arg(list, mode_t);                                    \
        va_end(list);                                                   \
    }

int open(const char *name, int flags, ...)
{
    MODE(flags)
    OPEN(AT_FDCWD, name, flags, mode, REAL(open)(name, flags, mode));
}

int open64(const char *name, int flags, ...)
{
    MODE(flags)
    OPEN(AT_FDCWD, name, flags, mode, REAL(open64)(name, flags, mode));
}

int openat(int directory, const char *name, int flags, ...)
{
    MODE(flags)
    OPEN(directory, name, flags, mode, REAL(openat)(directory, name, flags, mode));
}

int openat64(int directory, const char *name, int flags, ...)
{
    MODE(flags)
    OPEN(directory, name, flags, mode, REAL(openat64)(directory, name, flags, mode));
}

int creat(const char *name, mode_t mode)
{
    return open(name, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int creat64(const char *name, mode_t mode)
{
    return open64(name, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int close(int descriptor)
{
    pthread_mutex_lock(&lock);
    if (descriptor >= 0 && descriptor < DESCRIPTORS) {
        if (table[descriptor].kind == DURABLE)
            record(CLOSED, descriptor, 0, NULL, 0);
        table[descriptor].kind = UNKNOWN;
    }
    int result = REAL(close)(descriptor);
    pthread_mutex_unlock(&lock);
    return result;
}

/* write */

/* The first `length` octets of these, in `cut`; how many parts that is. */
static int cut_to(struct iovec *cut, const struct iovec *parts, int count, size_t length)
{
    int used = 0;
    for (; used < count && used < PARTS && length > 0; used++) {
        cut[used] = parts[used];
        if (cut[used].iov_len > length)
            cut[used].iov_len = length;
        length -= cut[used].iov_len;
    }
    return used;
}

/* How many of these octets the disk takes at this offset; -1 with errno, if none. */
static ssize_t taken(int descriptor, const struct stat *before, uint64_t at, size_t length)
{
    if (fails(&control->writes, descriptor)) {
        errno = EIO;
        return -1;
    }
    if (control->longest > 0 && length > control->longest)
        length = control->longest;
    uint64_t size = (uint64_t)before->st_size, end = at + length, room = control->room;
    if (end > size && room != UINT64_MAX && end - size > room) {
        uint64_t most = size + room;
        if (most <= at) {
            errno = ENOSPC;
            return -1;
        }
        length = most - at;
    }
    return (ssize_t)length;
}

/* Writes to a file at an offset, or, if that is -1, where the descriptor is. */
static ssize_t put(int descriptor, const struct iovec *parts, int count, off64_t at)
{
    struct iovec cut[PARTS];
    struct stat before, after;
    size_t length = 0;
    for (int i = 0; i < count; i++)
        length += parts[i].iov_len;
    pthread_mutex_lock(&lock);
    fstat(descriptor, &before);
    int appends = fcntl(descriptor, F_GETFL) & O_APPEND;
    off64_t from = appends ? before.st_size : at >= 0 ? at : lseek64(descriptor, 0, SEEK_CUR);
    ssize_t done = length == 0 ? 0 : taken(descriptor, &before, (uint64_t)from, length);
    if (done > 0) {
        int used = cut_to(cut, parts, count, (size_t)done);
        done = at >= 0 ? REAL(pwritev64)(descriptor, cut, used, at) : REAL(writev)(descriptor, cut, used);
    }
    int kept = errno;
    if (done > 0) {
        fstat(descriptor, &after);
        take_room(after.st_size - before.st_size);
        if (table[descriptor].kind == DURABLE)
            record(WRITTEN, descriptor, (uint64_t)from, parts, (size_t)done);
    }
    pthread_mutex_unlock(&lock);
    errno = kept;
    return done;
}

/* What a call has sent is recorded before another thread can do anything: nothing that follows from it comes before it. */
#define TELL(descriptor, parts, call)                                   \
    do {                                                                \
        pthread_mutex_lock(&lock);                                      \
        ssize_t done = call;                                            \
        int kept = errno;                                               \
        if (done > 0)                                                   \
            record(TOLD, table[descriptor].port, 0, parts, (size_t)done); \
        pthread_mutex_unlock(&lock);                                    \
        errno = kept;                                                   \
        return done;                                                    \
    } while (0)

ssize_t write(int descriptor, const void *octets, size_t length)
{
    struct iovec part = {(void *)octets, length};
    if (is_file(descriptor))
        return put(descriptor, &part, 1, -1);
    if (kind_of(descriptor) == SOCKET)
        TELL(descriptor, &part, REAL(write)(descriptor, octets, length));
    return REAL(write)(descriptor, octets, length);
}

ssize_t writev(int descriptor, const struct iovec *parts, int count)
{
    if (is_file(descriptor))
        return put(descriptor, parts, count, -1);
    if (kind_of(descriptor) == SOCKET)
        TELL(descriptor, parts, REAL(writev)(descriptor, parts, count));
    return REAL(writev)(descriptor, parts, count);
}

ssize_t pwrite(int descriptor, const void *octets, size_t length, off_t at)
{
    struct iovec part = {(void *)octets, length};
    return is_file(descriptor) ? put(descriptor, &part, 1, at) : REAL(pwrite)(descriptor, octets, length, at);
}

ssize_t pwrite64(int descriptor, const void *octets, size_t length, off64_t at)
{
    return pwrite(descriptor, octets, length, at);
}

ssize_t pwritev(int descriptor, const struct iovec *parts, int count, off_t at)
{
    return is_file(descriptor) ? put(descriptor, parts, count, at) : REAL(pwritev)(descriptor, parts, count, at);
}

ssize_t pwritev64(int descriptor, const struct iovec *parts, int count, off64_t at)
{
    return pwritev(descriptor, parts, count, at);
}

ssize_t send(int descriptor, const void *octets, size_t length, int flags)
{
    struct iovec part = {(void *)octets, length};
    if (kind_of(descriptor) == SOCKET)
        TELL(descriptor, &part, REAL(send)(descriptor, octets, length, flags));
    return REAL(send)(descriptor, octets, length, flags);
}

ssize_t sendto(int descriptor, const void *octets, size_t length, int flags, const struct sockaddr *to, socklen_t size)
{
    struct iovec part = {(void *)octets, length};
    if (kind_of(descriptor) == SOCKET)
        TELL(descriptor, &part, REAL(sendto)(descriptor, octets, length, flags, to, size));
    return REAL(sendto)(descriptor, octets, length, flags, to, size);
}

ssize_t sendmsg(int descriptor, const struct msghdr *message, int flags)
{
    if (kind_of(descriptor) == SOCKET)
        TELL(descriptor, message->msg_iov, REAL(sendmsg)(descriptor, message, flags));
    return REAL(sendmsg)(descriptor, message, flags);
}

/* The size of a file, and its room. */

enum { EXACTLY = -1, AS_FALLOCATE = -2 };

/* Sets the size, or allocates as fallocate does; records the size if it is another one. */
static int size_to(int descriptor, int mode, off64_t from, off64_t length)
{
    struct stat before, after;
    pthread_mutex_lock(&lock);
    fstat(descriptor, &before);
    int64_t missing = from + length - before.st_size;
    int result = -1;
    if (control->room != UINT64_MAX && missing > 0 && (uint64_t)missing > control->room)
        errno = ENOSPC;
    else
        result = mode == EXACTLY ? REAL(ftruncate64)(descriptor, length) : REAL(fallocate64)(descriptor, mode, from, length);
    int kept = errno;
    fstat(descriptor, &after);
    take_room(after.st_size - before.st_size);
    if (after.st_size != before.st_size && table[descriptor].kind == DURABLE)
        record(SIZED, descriptor, (uint64_t)after.st_size, NULL, 0);
    pthread_mutex_unlock(&lock);
    errno = kept;
    return result;
}

int ftruncate(int descriptor, off_t length)
{
    return is_file(descriptor) ? size_to(descriptor, EXACTLY, 0, length) : REAL(ftruncate)(descriptor, length);
}

int ftruncate64(int descriptor, off64_t length)
{
    return ftruncate(descriptor, length);
}

int fallocate(int descriptor, int mode, off_t from, off_t length)
{
    return is_file(descriptor) ? size_to(descriptor, mode, from, length) : REAL(fallocate)(descriptor, mode, from, length);
}

int fallocate64(int descriptor, int mode, off64_t from, off64_t length)
{
    return fallocate(descriptor, mode, from, length);
}

int posix_fallocate(int descriptor, off_t from, off_t length)
{
    return fallocate(descriptor, 0, from, length) == 0 ? 0 : errno;
}

int posix_fallocate64(int descriptor, off64_t from, off64_t length)
{
    return posix_fallocate(descriptor, from, length);
}

/* sync */

static int sync_by(int (*sync)(int), int descriptor)
{
    if (kind_of(descriptor) != DURABLE)
        return sync(descriptor);
    pthread_mutex_lock(&lock);
    record(SYNC_BEGUN, descriptor, 0, NULL, 0);
    int bad = fails(&control->syncs, descriptor);
    pthread_mutex_unlock(&lock);
    /* What is written by others meanwhile may miss this sync, so it is between the two records, unlocked. */
    int result = bad ? -1 : sync(descriptor);
    int kept = bad ? EIO : errno;
    pthread_mutex_lock(&lock);
    record(result == 0 ? SYNC_ENDED : SYNC_FAILED, descriptor, 0, NULL, 0);
    pthread_mutex_unlock(&lock);
    errno = kept;
    return result;
}

int fsync(int descriptor)
{
    return sync_by(REAL(fsync), descriptor);
}

int fdatasync(int descriptor)
{
    return sync_by(REAL(fdatasync), descriptor);
}

/* Names */

static int remove_by(int directory, const char *name, int flags)
{
    char whole[PATH_MAX];
    struct stat status;
    pthread_mutex_lock(&lock);
    char *path = path_at(directory, name, whole);
    int64_t freed = path && stat(whole, &status) == 0 && !S_ISDIR(status.st_mode) ? status.st_size : 0;
    int result = REAL(unlinkat)(directory, name, flags);
    int kept = errno;
    if (result == 0 && path) {
        take_room(-freed);
        record_path(REMOVED, -1, 0, path);
    }
    pthread_mutex_unlock(&lock);
    errno = kept;
    return result;
}

int unlink(const char *name)
{
    return remove_by(AT_FDCWD, name, 0);
}

int rmdir(const char *name)
{
    return remove_by(AT_FDCWD, name, AT_REMOVEDIR);
}

int unlinkat(int directory, const char *name, int flags)
{
    return remove_by(directory, name, flags);
}

int renameat(int from, const char *old, int to, const char *new)
{
    char whole[2 * PATH_MAX], other[PATH_MAX];
    pthread_mutex_lock(&lock);
    char *path = path_at(from, old, whole), *target = path_at(to, new, other);
    int result = REAL(renameat)(from, old, to, new);
    int kept = errno;
    if (result == 0 && path && target) {
        size_t length = strlen(path);
        memcpy(path + length, target, strlen(target) + 1);
        record_path(RENAMED, -1, length, path);
    }
    pthread_mutex_unlock(&lock);
    errno = kept;
    return result;
}

int rename(const char *old, const char *new)
{
    return renameat(AT_FDCWD, old, AT_FDCWD, new);
}

int mkdirat(int directory, const char *name, mode_t mode)
{
    char whole[PATH_MAX];
    pthread_mutex_lock(&lock);
    char *path = path_at(directory, name, whole);
    int result = REAL(mkdirat)(directory, name, mode);
    int kept = errno;
    if (result == 0 && path)
        record_path(MADE, -1, 0, path);
    pthread_mutex_unlock(&lock);
    errno = kept;
    return result;
}

int mkdir(const char *name, mode_t mode)
{
    return mkdirat(AT_FDCWD, name, mode);
}
