#pragma once

#include <string_view>

#include "clv/core/progress.hpp"

namespace clv {

/// Passes progress on under a name of its own: a run simulates several times.
class NamedProgress final : public Progress {
  public:
    NamedProgress(Progress& progress, std::string_view stage) : progress_(progress), stage_(stage) {}
    void begin(std::string_view /*stage*/, std::uint64_t total) override { progress_.begin(stage_, total); }
    void advance(std::uint64_t units) override { progress_.advance(units); }
    void end() override { progress_.end(); }

  private:
    Progress& progress_;
    std::string_view stage_;
};

}  // namespace clv
