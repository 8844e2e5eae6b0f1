#pragma once
// What a fit came to, as messages.

#include "clv/models/fitted_model.hpp"
#include "clv/terminal/terminal.hpp"

namespace clv {

/// Parameters, likelihood and warnings.
void show_fit(const FittedModel& model, Terminal& terminal);
void show_warnings(const FittedModel& model, Terminal& terminal);

}  // namespace clv
