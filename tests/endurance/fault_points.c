// A library to be preloaded, which makes one call to the system fail. Variables of the environment steer it:
//
//   FAULT_CALL        which calls count: write, pwrite, stdio, fsync, rename, open, mkdir, remove, close, read, resize,
//                     lock, memory
//   FAULT_UNDER       only files under this folder count, and those without a name (memory has no folder)
//   FAULT_AT          the number of the call that fails, from 1; 0 or absent: none
//   FAULT_ERRNO       EIO, ENOSPC, EMFILE, ENOLCK or ENOMEM; EIO if absent
//   FAULT_MODE        once (if absent), lasting (that call and all after it), short (write, pwrite: half is written,
//   and
//                     said so, which is no error) or kill (SIGKILL comes in the place of the call)
//   FAULT_COUNT_FILE  receives a line for each process that ends: calls counted, and the first that failed
//
// Calls count from main() on: what is set up before it is no part of the attack. It knows the GNU C library.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum Call {
    none,
    writing,
    pwriting,
    stdio,
    syncing,
    renaming,
    opening,
    making,
    removing,
    closing,
    reading,
    resizing,
    locking,
    memory
};
static const char* const call_names[] = {"",      "write",  "pwrite", "stdio", "fsync",  "rename", "open",
                                         "mkdir", "remove", "close",  "read",  "resize", "lock",   "memory"};
enum Mode { once, lasting, cut, killing };
enum Verdict { pass, fail, half };

static enum Call attacked = none;
static enum Mode mode = once;
static long at = 0;
static int error_number = EIO;
static char under[PATH_MAX];
static size_t under_size = 0;
static char count_file[PATH_MAX];
static atomic_long calls = 0;
static char first_place[PATH_MAX];
static atomic_int armed = 0;

/// The function of this name that would be called without this library.
#define NEXT(type, name)                     \
    static type next = NULL;                 \
    if (next == NULL) {                      \
        next = (type)dlsym(RTLD_NEXT, name); \
    }

static void copy_text(char* to, const char* from, size_t size) {
    size_t length = from == NULL ? 0 : strnlen(from, size - 1);
    memcpy(to, from == NULL ? "" : from, length);
    to[length] = '\0';
}

static void read_settings(void) {
    const char* text = getenv("FAULT_CALL");
    for (int call = writing; text != NULL && call <= memory; ++call) {
        if (strcmp(text, call_names[call]) == 0) {
            attacked = (enum Call)call;
        }
    }
    text = getenv("FAULT_AT");
    at = text == NULL ? 0 : atol(text);
    text = getenv("FAULT_MODE");
    if (text != NULL) {
        mode = text[0] == 'l' ? lasting : text[0] == 's' ? cut : text[0] == 'k' ? killing : once;
    }
    text = getenv("FAULT_ERRNO");
    if (text != NULL) {
        error_number = strcmp(text, "ENOSPC") == 0   ? ENOSPC
                       : strcmp(text, "EMFILE") == 0 ? EMFILE
                       : strcmp(text, "ENOLCK") == 0 ? ENOLCK
                       : strcmp(text, "ENOMEM") == 0 ? ENOMEM
                                                     : EIO;
    }
    copy_text(under, getenv("FAULT_UNDER"), sizeof(under));
    under_size = strlen(under);
    copy_text(count_file, getenv("FAULT_COUNT_FILE"), sizeof(count_file));
}

static int is_under(const char* path) {
    static const char deleted[] = " (deleted)";
    size_t size = strlen(path);
    if (size >= sizeof(deleted) && strcmp(path + size - (sizeof(deleted) - 1), deleted) == 0) {
        return 1;
    }
    return under_size > 0 && strncmp(path, under, under_size) == 0 &&
           (path[under_size] == '/' || path[under_size] == '\0');
}

static enum Verdict count_call(const char* place) {
    long number = atomic_fetch_add(&calls, 1) + 1;
    if (at == 0 || (mode == lasting ? number < at : number != at)) {
        return pass;
    }
    if (first_place[0] == '\0') {
        copy_text(first_place, place, sizeof(first_place));
    }
    if (mode == killing) {
        kill(getpid(), SIGKILL);
    }
    return mode == cut ? half : fail;
}

/// Whether a call that names its file is to fail.
static enum Verdict judge_path(enum Call call, int folder, const char* path) {
    if (call != attacked || !atomic_load(&armed) || path == NULL) {
        return pass;
    }
    char whole[PATH_MAX];
    if (path[0] != '/') {
        char link[64];
        snprintf(link, sizeof(link), folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", folder);
        ssize_t size = readlink(link, whole, sizeof(whole) - 1);
        if (size <= 0 || (size_t)size + strlen(path) + 2 > sizeof(whole)) {
            return pass;
        }
        whole[size] = '/';
        copy_text(whole + size + 1, path, sizeof(whole) - (size_t)size - 1);
        path = whole;
    }
    return is_under(path) ? count_call(path) : pass;
}

/// The same for a call on a descriptor. Asking the kernel each time follows descriptors that are copied or used anew.
static enum Verdict judge(enum Call call, int descriptor) {
    if (call != attacked || !atomic_load(&armed)) {
        return pass;
    }
    char link[64];
    char path[PATH_MAX];
    int saved = errno;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", descriptor);
    ssize_t size = readlink(link, path, sizeof(path) - 1);
    errno = saved;
    if (size <= 0) {
        return pass;
    }
    path[size] = '\0';
    return is_under(path) ? count_call(path) : pass;
}

static int failed(void) {
    errno = error_number;
    return -1;
}

// ---- from main() to the end

static int (*real_main)(int, char**, char**);

static int armed_main(int argc, char** argv, char** environment) {
    atomic_store(&armed, 1);
    return real_main(argc, argv, environment);
}

int __libc_start_main(int (*main)(int, char**, char**), int argc, char** argv, void (*init)(void), void (*fini)(void),
                      void (*loader_fini)(void), void* stack_end) {
    typedef int (*Start)(int (*)(int, char**, char**), int, char**, void (*)(void), void (*)(void), void (*)(void),
                         void*);
    NEXT(Start, "__libc_start_main");
    read_settings();
    real_main = main;
    return next(armed_main, argc, argv, init, fini, loader_fini, stack_end);
}

__attribute__((destructor)) static void tell(void) {
    atomic_store(&armed, 0);
    if (count_file[0] != '\0') {
        char line[PATH_MAX + 64];
        int size = snprintf(line, sizeof(line), "%ld %s\n", atomic_load(&calls), first_place);
        long file = syscall(SYS_openat, AT_FDCWD, count_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        if (file >= 0) {
            syscall(SYS_write, file, line, size);
            syscall(SYS_close, file);
        }
    }
}

// ---- bytes

#define TRANSFER(call, name, parameters, arguments, half_arguments)                                 \
    ssize_t name parameters {                                                                       \
        typedef ssize_t(*Function) parameters;                                                      \
        NEXT(Function, #name);                                                                      \
        enum Verdict verdict = judge(call, descriptor);                                             \
        return verdict == fail ? failed() : verdict == half ? next half_arguments : next arguments; \
    }
TRANSFER(writing, write, (int descriptor, const void* bytes, size_t size), (descriptor, bytes, size),
         (descriptor, bytes, (size + 1) / 2))
TRANSFER(pwriting, pwrite, (int descriptor, const void* bytes, size_t size, off_t offset),
         (descriptor, bytes, size, offset), (descriptor, bytes, (size + 1) / 2, offset))
TRANSFER(pwriting, pwrite64, (int descriptor, const void* bytes, size_t size, off64_t offset),
         (descriptor, bytes, size, offset), (descriptor, bytes, (size + 1) / 2, offset))
TRANSFER(writing, writev, (int descriptor, const struct iovec* parts, int count), (descriptor, parts, count),
         (descriptor, parts, (count + 1) / 2))
TRANSFER(reading, read, (int descriptor, void* bytes, size_t size), (descriptor, bytes, size),
         (descriptor, bytes, (size + 1) / 2))
TRANSFER(reading, pread, (int descriptor, void* bytes, size_t size, off_t offset), (descriptor, bytes, size, offset),
         (descriptor, bytes, (size + 1) / 2, offset))
TRANSFER(reading, pread64, (int descriptor, void* bytes, size_t size, off64_t offset),
         (descriptor, bytes, size, offset), (descriptor, bytes, (size + 1) / 2, offset))

// ---- streams: what fails inside them is a write that cannot be replaced, so the stream says what it would then say

static int stream_fails(FILE* stream) {
    int saved = errno;
    int descriptor = fileno(stream);  // of a stream in memory: none, with an error of its own
    errno = saved;
    if (judge(stdio, descriptor) == pass) {
        return 0;
    }
    stream->_flags |= 0x20;  // as ferror() asks
    errno = error_number;
    return 1;
}

size_t fwrite(const void* bytes, size_t size, size_t count, FILE* stream) {
    typedef size_t (*Function)(const void*, size_t, size_t, FILE*);
    NEXT(Function, "fwrite");
    return stream_fails(stream) ? 0 : next(bytes, size, count, stream);
}

int fputs(const char* text, FILE* stream) {
    typedef int (*Function)(const char*, FILE*);
    NEXT(Function, "fputs");
    return stream_fails(stream) ? EOF : next(text, stream);
}

int vfprintf(FILE* stream, const char* format, va_list arguments) {
    typedef int (*Function)(FILE*, const char*, va_list);
    NEXT(Function, "vfprintf");
    return stream_fails(stream) ? -1 : next(stream, format, arguments);
}

int fprintf(FILE* stream, const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int size = vfprintf(stream, format, arguments);
    va_end(arguments);
    return size;
}

int __vfprintf_chk(FILE* stream, int flag, const char* format, va_list arguments) {
    (void)flag;
    return vfprintf(stream, format, arguments);
}

int __fprintf_chk(FILE* stream, int flag, const char* format, ...) {
    (void)flag;
    va_list arguments;
    va_start(arguments, format);
    int size = vfprintf(stream, format, arguments);
    va_end(arguments);
    return size;
}

int fflush(FILE* stream) {
    typedef int (*Function)(FILE*);
    NEXT(Function, "fflush");
    return stream != NULL && stream_fails(stream) ? EOF : next(stream);
}

size_t fread(void* bytes, size_t size, size_t count, FILE* stream) {
    typedef size_t (*Function)(void*, size_t, size_t, FILE*);
    NEXT(Function, "fread");
    if (judge(reading, fileno(stream)) == fail) {
        stream->_flags |= 0x20;
        errno = error_number;
        return 0;
    }
    return next(bytes, size, count, stream);
}

// ---- a file is closed whatever is said of it

int fclose(FILE* stream) {
    typedef int (*Function)(FILE*);
    NEXT(Function, "fclose");
    enum Verdict verdict = judge(closing, fileno(stream));
    int result = next(stream);
    return verdict == pass ? result : failed();
}

int close(int descriptor) {
    typedef int (*Function)(int);
    NEXT(Function, "close");
    enum Verdict verdict = judge(closing, descriptor);
    int result = next(descriptor);
    return verdict == pass ? result : failed();
}

// ---- calls on a descriptor that do or do not

#define ON_DESCRIPTOR(call, name, parameters, arguments)                    \
    int name parameters {                                                   \
        typedef int(*Function) parameters;                                  \
        NEXT(Function, #name);                                              \
        return judge(call, descriptor) == pass ? next arguments : failed(); \
    }
ON_DESCRIPTOR(syncing, fsync, (int descriptor), (descriptor))
ON_DESCRIPTOR(syncing, fdatasync, (int descriptor), (descriptor))
ON_DESCRIPTOR(resizing, ftruncate, (int descriptor, off_t size), (descriptor, size))
ON_DESCRIPTOR(resizing, ftruncate64, (int descriptor, off64_t size), (descriptor, size))
ON_DESCRIPTOR(resizing, fallocate, (int descriptor, int how, off_t from, off_t size), (descriptor, how, from, size))
ON_DESCRIPTOR(resizing, fallocate64, (int descriptor, int how, off64_t from, off64_t size),
              (descriptor, how, from, size))
ON_DESCRIPTOR(locking, flock, (int descriptor, int operation), (descriptor, operation))

// posix_fallocate returns its error
int posix_fallocate(int descriptor, off_t from, off_t size) {
    typedef int (*Function)(int, off_t, off_t);
    NEXT(Function, "posix_fallocate");
    return judge(resizing, descriptor) == pass ? next(descriptor, from, size) : error_number;
}

int posix_fallocate64(int descriptor, off64_t from, off64_t size) {
    typedef int (*Function)(int, off64_t, off64_t);
    NEXT(Function, "posix_fallocate64");
    return judge(resizing, descriptor) == pass ? next(descriptor, from, size) : error_number;
}

// ---- names

#define ON_PATH(call, name, folder, parameters, arguments)                         \
    int name parameters {                                                          \
        typedef int(*Function) parameters;                                         \
        NEXT(Function, #name);                                                     \
        return judge_path(call, folder, path) == pass ? next arguments : failed(); \
    }
ON_PATH(renaming, rename, AT_FDCWD, (const char* path, const char* to), (path, to))
ON_PATH(renaming, renameat, from, (int from, const char* path, int to_folder, const char* to),
        (from, path, to_folder, to))
ON_PATH(renaming, renameat2, from, (int from, const char* path, int to_folder, const char* to, unsigned int flags),
        (from, path, to_folder, to, flags))
ON_PATH(renaming, link, AT_FDCWD, (const char* path, const char* to), (path, to))
ON_PATH(making, mkdir, AT_FDCWD, (const char* path, mode_t mode_bits), (path, mode_bits))
ON_PATH(making, mkdirat, folder, (int folder, const char* path, mode_t mode_bits), (folder, path, mode_bits))
ON_PATH(removing, unlink, AT_FDCWD, (const char* path), (path))
ON_PATH(removing, unlinkat, folder, (int folder, const char* path, int flags), (folder, path, flags))
ON_PATH(removing, remove, AT_FDCWD, (const char* path), (path))
ON_PATH(removing, rmdir, AT_FDCWD, (const char* path), (path))
ON_PATH(opening, creat, AT_FDCWD, (const char* path, mode_t mode_bits), (path, mode_bits))
ON_PATH(opening, creat64, AT_FDCWD, (const char* path, mode_t mode_bits), (path, mode_bits))

#define OPEN(name)                                                                                   \
    int name(const char* path, int flags, ...) {                                                     \
        typedef int (*Function)(const char*, int, ...);                                              \
        NEXT(Function, #name);                                                                       \
        va_list arguments;                                                                           \
        va_start(arguments, flags);                                                                  \
        mode_t bits = flags & (O_CREAT | __O_TMPFILE) ? (mode_t)va_arg(arguments, unsigned int) : 0; \
        va_end(arguments);                                                                           \
        return judge_path(opening, AT_FDCWD, path) == pass ? next(path, flags, bits) : failed();     \
    }
OPEN(open)
OPEN(open64)

#define OPEN_AT(name)                                                                                  \
    int name(int folder, const char* path, int flags, ...) {                                           \
        typedef int (*Function)(int, const char*, int, ...);                                           \
        NEXT(Function, #name);                                                                         \
        va_list arguments;                                                                             \
        va_start(arguments, flags);                                                                    \
        mode_t bits = flags & (O_CREAT | __O_TMPFILE) ? (mode_t)va_arg(arguments, unsigned int) : 0;   \
        va_end(arguments);                                                                             \
        return judge_path(opening, folder, path) == pass ? next(folder, path, flags, bits) : failed(); \
    }
OPEN_AT(openat)
OPEN_AT(openat64)

#define OPEN_STREAM(name)                                    \
    FILE* name(const char* path, const char* how) {          \
        typedef FILE* (*Function)(const char*, const char*); \
        NEXT(Function, #name);                               \
        if (judge_path(opening, AT_FDCWD, path) == pass) {   \
            return next(path, how);                          \
        }                                                    \
        errno = error_number;                                \
        return NULL;                                         \
    }
OPEN_STREAM(fopen)
OPEN_STREAM(fopen64)

// ---- memory: the library's own names serve before dlsym() can

extern void* __libc_malloc(size_t);
extern void* __libc_calloc(size_t, size_t);
extern void* __libc_realloc(void*, size_t);
extern void* __libc_memalign(size_t, size_t);

static int memory_fails(void) {
    if (attacked != memory || !atomic_load(&armed) || count_call("memory") == pass) {
        return 0;
    }
    errno = ENOMEM;
    return 1;
}

void* malloc(size_t size) {
    return memory_fails() ? NULL : __libc_malloc(size);
}

void* calloc(size_t count, size_t size) {
    return memory_fails() ? NULL : __libc_calloc(count, size);
}

void* realloc(void* block, size_t size) {
    return memory_fails() ? NULL : __libc_realloc(block, size);
}

void* memalign(size_t alignment, size_t size) {
    return memory_fails() ? NULL : __libc_memalign(alignment, size);
}

void* aligned_alloc(size_t alignment, size_t size) {
    return memory_fails() ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void** block, size_t alignment, size_t size) {
    if (memory_fails()) {
        return ENOMEM;
    }
    *block = __libc_memalign(alignment, size);
    return *block == NULL ? ENOMEM : 0;
}
