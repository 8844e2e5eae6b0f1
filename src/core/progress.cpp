#include "clv/core/progress.hpp"

#include <csignal>

#include "clv/core/errors.hpp"

namespace clv {

namespace {
volatile std::sig_atomic_t interruption_flag = 0;
}

bool interruption_requested() noexcept {
    return interruption_flag != 0;
}

void request_interruption() noexcept {
    interruption_flag = 1;
}

void clear_interruption() noexcept {
    interruption_flag = 0;
}

void throw_if_interrupted() {
    if (interruption_requested()) {
        throw Interrupted();
    }
}

}  // namespace clv
