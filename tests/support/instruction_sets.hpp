#pragma once

#include <cstdlib>
#include <optional>
#include <string>

namespace clv::test {

/// Every instruction set that a build may have, for CLV_CPU_TARGET; a processor may lack some.
inline constexpr const char* instruction_sets[] = {"scalar", "sse4", "avx2", "avx512", "avx512ifma"};

/// Sets CLV_CPU_TARGET for one run; afterwards it is again what whoever runs the tests has set.
class CpuTarget {
  public:
    explicit CpuTarget(const char* name) {
        if (const char* set = std::getenv(variable)) {
            before_ = set;
        }
        setenv(variable, name, 1);
    }
    ~CpuTarget() {
        if (before_) {
            setenv(variable, before_->c_str(), 1);
        } else {
            unsetenv(variable);
        }
    }
    CpuTarget(const CpuTarget&) = delete;
    CpuTarget& operator=(const CpuTarget&) = delete;

  private:
    static constexpr const char* variable = "CLV_CPU_TARGET";
    std::optional<std::string> before_;
};

}  // namespace clv::test
