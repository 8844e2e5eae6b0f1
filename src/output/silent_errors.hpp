#pragma once
// What libraries in C print of their errors, kept from the terminal: exceptions say it.

#include <cstdio>

namespace clv {

/// For as long as it lives, what is written to stderr goes nowhere; where a library says there that it got no memory,
/// that is noted.
class SilentErrors {
  public:
    SilentErrors();
    ~SilentErrors();
    SilentErrors(const SilentErrors&) = delete;
    SilentErrors& operator=(const SilentErrors&) = delete;

  private:
    std::FILE* errors_;
};

}  // namespace clv
