#pragma once
// What was learned, for the terminal.

#include "clv/learning/learn_churn.hpp"
#include "clv/learning/learn_value.hpp"
#include "clv/terminal/terminal.hpp"

namespace clv {

/// Notes and warnings, and in a line how good the model is.
void show_learning(const ChurnLearning& learning, Terminal& terminal);

void show_learning(const ValueLearning& learning, Terminal& terminal);

/// Tables of quality, calibration and importance; with --json the content of quality.json.
void print_learning(const ChurnLearning& learning, Terminal& terminal);
void print_learning(const ValueLearning& learning, Terminal& terminal);

}  // namespace clv
