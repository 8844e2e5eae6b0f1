#include "process.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <initializer_list>
#include <new>

#include "clv/core/errors.hpp"
#include "clv/core/out_of_memory.hpp"
#include "clv/core/progress.hpp"
#include "clv/output/output_set.hpp"

namespace clv::cli {

namespace {

/// Needs no memory, and no lock that a thread may hold.
int say(ExitCode code, std::initializer_list<const char*> parts) noexcept {
    std::array<iovec, 8> line{};
    int count = 0;
    const auto add = [&](const char* text) {
        line[static_cast<std::size_t>(count++)] = {const_cast<char*>(text), std::strlen(text)};
    };
    add("clv: ");
    for (const char* part : parts) {
        add(part);
    }
    add("\n");
    while (::writev(STDERR_FILENO, line.data(), count) < 0 && errno == EINTR) {
    }
    return static_cast<int>(code);
}

void make_sure_of_descriptors() {
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (fcntl(descriptor, F_GETFD) < 0 && errno == EBADF) {
            // the lowest that is free, which is this one
            if (open("/dev/null", descriptor == STDIN_FILENO ? O_RDONLY : O_WRONLY) != descriptor) {
                _exit(say(ExitCode::output, {"cannot open a closed descriptor (/dev/null: ", std::strerror(errno),
                                             "): give it standard streams"}));
            }
        }
    }
}

/// The first signal asks the work to stop; the handler is then gone, so that a second one kills.
void handle_signals() {
    struct sigaction action = {};
    action.sa_handler = [](int) { request_interruption(); };
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    struct sigaction hang_up = {};
    if (sigaction(SIGHUP, nullptr, &hang_up) == 0 && hang_up.sa_handler != SIG_IGN) {  // nohup means it
        sigaction(SIGHUP, &action, nullptr);
    }
    // A reader of stdout that goes away must not stop a run whose results go to files.
    std::signal(SIGPIPE, SIG_IGN);
    // A file that grows beyond its limit is an error of the write, which says so.
    std::signal(SIGXFSZ, SIG_IGN);
}

constexpr std::size_t spare_bytes = std::size_t{1} << 20;
std::atomic<void*> spare = nullptr;

/// When memory runs out the spare is let go, so that what was begun can be cleared away.
void let_spare_go() {
    std::free(spare.exchange(nullptr));
    throw std::bad_alloc();
}

/// Libraries in C end the process where there was no memory (HDF5), or go on without what they asked for: until they
/// follow the null pointer (libxlsxwriter), report their failure to report a failure until the stack is full, or free
/// twice what they have not got (HDF5).
[[noreturn]] void end_without_memory() noexcept {
    take_back_at_once();
    _exit(say(ExitCode::memory, {out_of_memory_message}));
}

/// Where an exception has no way out, as on a thread of a library, or in a function of one that promises none: then
/// nobody can tell which it is.
[[noreturn]] void end_at_once() noexcept {
    const std::exception_ptr raised = std::current_exception();
    if (!raised && std::uncaught_exceptions() > 0 && is_library_without_memory()) {
        end_without_memory();
    }
    take_back_at_once();
    _exit(raised ? report_failure(raised)
                 : say(ExitCode::internal, {"internal error (terminated): please report it with the command line"}));
}

volatile std::sig_atomic_t is_ending = 0;

void end_at_exit() {
    if (is_ending != 0) {
        return;
    }
    if (is_library_without_memory()) {
        end_without_memory();
    }
    take_back_at_once();
    _exit(say(ExitCode::internal, {"internal error (a library ended it): please report it with the command line"}));
}

struct sigaction earlier_fault_action = {};
struct sigaction earlier_abort_action = {};

void handle_fault(int number, siginfo_t* about, void* /*context*/) {
    const bool is_own = number == SIGABRT ? about->si_pid == ::getpid() : about->si_code > 0;
    if (is_own && is_library_without_memory()) {
        end_without_memory();
    }
    // which the instruction meets when it is tried again
    sigaction(number, number == SIGABRT ? &earlier_abort_action : &earlier_fault_action, nullptr);
    if (about->si_code <= 0) {  // there is none: it was sent
        static_cast<void>(raise(number));
    }
}

/// What handles a full stack needs another one.
void have_a_stack_for_faults() {
    static std::array<std::byte, std::size_t{1} << 18> room;
    stack_t stack{};
    stack.ss_sp = room.data();
    stack.ss_size = room.size();
    sigaltstack(&stack, nullptr);
}

void handle_ends_of_libraries() {
    errno = 0;
    std::atexit(end_at_exit);
    have_a_stack_for_faults();
    struct sigaction action = {};
    action.sa_sigaction = handle_fault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    sigaction(SIGSEGV, &action, &earlier_fault_action);
    sigaction(SIGABRT, &action, &earlier_abort_action);
}

}  // namespace

int end(int code) noexcept {
    is_ending = 1;
    return code;
}

void prepare_process() {
    make_sure_of_descriptors();
    handle_signals();
    handle_ends_of_libraries();
    spare = std::malloc(spare_bytes);
    std::set_new_handler(let_spare_go);
    std::set_terminate(end_at_once);
}

bool has_small_stack() noexcept {
    constexpr rlim_t enough = rlim_t{4} << 20;
    rlimit limit{};
    return getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur < enough;
}

int report_failure(const std::exception_ptr& raised) noexcept {
    const bool out_of_memory = is_out_of_memory(raised);
    try {
        std::rethrow_exception(raised);
    } catch (const Error& error) {
        return say(error.exit_code(), {error.what()});
    } catch (const std::exception& error) {
        if (out_of_memory) {
            return say(ExitCode::memory, {out_of_memory_message});
        }
        if (dynamic_cast<const std::filesystem::filesystem_error*>(&error) != nullptr) {
            return say(ExitCode::output, {error.what(), ": check that it is there, and its permissions"});
        }
        return say(ExitCode::internal, {"internal error (", error.what(), "): please report it with the command line"});
    } catch (...) {
        return say(ExitCode::internal, {"internal error (unknown): please report it with the command line"});
    }
}

}  // namespace clv::cli
