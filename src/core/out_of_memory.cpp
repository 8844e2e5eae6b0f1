#include "clv/core/out_of_memory.hpp"

#include <atomic>
#include <cerrno>
#include <new>
#include <stdexcept>
#include <system_error>

#include "clv/core/errors.hpp"

namespace clv {

namespace {

std::atomic<bool> library_without_memory = false;

}  // namespace

bool is_out_of_memory(const std::exception_ptr& raised) noexcept {
    try {
        std::rethrow_exception(raised);
    } catch (const Error& error) {
        return error.exit_code() == ExitCode::memory;
    } catch (const std::bad_alloc&) {
        return true;
    } catch (const std::length_error&) {
        return true;
    } catch (const std::system_error& error) {
        return error.code() == std::errc::not_enough_memory ||
               error.code() == std::errc::resource_unavailable_try_again;
    } catch (...) {
        return false;
    }
}

void note_library_without_memory() noexcept {
    library_without_memory = true;
}

bool is_library_without_memory() noexcept {
    return errno == ENOMEM || library_without_memory;
}

}  // namespace clv
