#include "output/failing_calls.hpp"

#include <dlfcn.h>
#include <sys/types.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>

namespace clv {
namespace {

struct Plan {
    bool is_armed = false;
    SystemCall call = SystemCall::write_at;
    int first = 0;
    int count = 0;
    int seen = 0;
};

Plan plan;

bool fails(SystemCall call) {
    if (!plan.is_armed || plan.call != call) {
        return false;
    }
    ++plan.seen;
    if (plan.seen < plan.first || plan.seen - plan.first >= plan.count) {
        return false;
    }
    errno = EIO;
    return true;
}

/// A write into a stream that fails for good is one that the stream remembers.
bool fails(std::FILE* stream) {
    if (!fails(SystemCall::write_stream)) {
        return false;
    }
    stream->_flags |= 0x20;  // as ferror() asks in the GNU C library
    return true;
}

template <class Function>
Function* real(Function* /*type*/, const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

FailingCall::FailingCall(SystemCall call, int first, int count) {
    plan = {true, call, first, count, 0};
}

FailingCall::~FailingCall() {
    plan.is_armed = false;
}

bool FailingCall::has_happened() const {
    return plan.seen >= plan.first;
}

}  // namespace clv

extern "C" {

ssize_t pwrite(int file, const void* bytes, size_t count, off_t offset) {
    static const auto next = clv::real(&pwrite, "pwrite");
    return clv::fails(clv::SystemCall::write_at) ? -1 : next(file, bytes, count, offset);
}

ssize_t pwrite64(int file, const void* bytes, size_t count, off_t offset) {
    static const auto next = clv::real(&pwrite64, "pwrite64");
    return clv::fails(clv::SystemCall::write_at) ? -1 : next(file, bytes, count, offset);
}

size_t fwrite(const void* items, size_t size, size_t count, FILE* stream) {
    static const auto next = clv::real(&fwrite, "fwrite");
    return clv::fails(stream) ? 0 : next(items, size, count, stream);
}

int fputs(const char* text, FILE* stream) {
    static const auto next = clv::real(&fputs, "fputs");
    return clv::fails(stream) ? EOF : next(text, stream);
}

int fputc(int character, FILE* stream) {
    static const auto next = clv::real(&fputc, "fputc");
    return clv::fails(stream) ? EOF : next(character, stream);
}

int __fprintf_chk(FILE* stream, int /*flag*/, const char* format, ...) {  // the name it has in hardened libraries
    if (clv::fails(stream)) {
        return -1;
    }
    std::va_list arguments;
    va_start(arguments, format);
    const int size = std::vfprintf(stream, format, arguments);
    va_end(arguments);
    return size;
}

int rename(const char* from, const char* to) noexcept {
    static const auto next = clv::real(&rename, "rename");
    return clv::fails(clv::SystemCall::rename) ? -1 : next(from, to);
}

int fsync(int file) {
    static const auto next = clv::real(&fsync, "fsync");
    return clv::fails(clv::SystemCall::sync) ? -1 : next(file);
}

int link(const char* from, const char* to) noexcept {
    static const auto next = clv::real(&link, "link");
    return clv::fails(clv::SystemCall::link) ? -1 : next(from, to);
}
}
