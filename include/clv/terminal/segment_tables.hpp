#pragma once
// Segments, for the terminal.

#include "clv/learning/clusters/segmentation.hpp"
#include "clv/terminal/terminal.hpp"

namespace clv {

/// Notes on what they were made from, and in a line how many customers each has.
void show_segments(const Segmentation& segments, Terminal& terminal);

/// The ranking; with --json as JSON.
void print_segments(const Segmentation& segments, Terminal& terminal);

}  // namespace clv
