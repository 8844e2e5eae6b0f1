#pragma once
// What was read, what was wrong with it, and where. Counts are complete; of the faults located, the first are kept.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clv/data/readers/input_settings.hpp"
#include "clv/data/tables/fault.hpp"

namespace clv {

/// A row that was not accepted, as it stands in the file. Views are valid only during the call that hands it over.
struct RejectedRow {
    std::uint64_t line = 0;
    std::string_view text;
    std::string_view reason;  ///< e.g. "negative (monthly_revenue); blank_value (margin)"
};

/// Takes rejected rows one by one, e.g. to write rejects.csv.
using RejectSink = std::function<void(const RejectedRow&)>;

/// Rows without a fault that a rule is about. A row counts under the first rule that it falls under.
struct RuleCount {
    std::string_view rule;  ///< e.g. "cancellations"
    std::string_view key;   ///< of the configuration, which decides; empty: the rule has no switch
    std::uint64_t rows = 0;
    bool left_out = true;  ///< or kept
};

struct ValidationReport {
    static constexpr std::size_t max_faults_kept = 1'000;

    std::string file;
    bool in_memory = false;   ///< a table in memory: faults name rows, not lines
    std::string header_text;  ///< the header row as it stands in the file
    std::uint64_t rows_read = 0;
    std::uint64_t rows_accepted = 0;
    std::uint64_t rows_rejected = 0;
    std::array<std::uint64_t, fault_kinds> counts{};  ///< by FaultKind, structural ones included
    std::vector<Fault> faults;                        ///< the first max_faults_kept faults of rows
    std::optional<Fault> structural;                  ///< a fault of the file: reading stopped there
    std::vector<RuleCount> rules;                     ///< of transactions; empty after a structural fault
    std::vector<std::string> notes;                   ///< worth knowing, not wrong
    std::vector<std::string> warnings;                ///< probably wrong, and taken as it is
    std::string hint;                                 ///< what would read the rejected rows; empty: nobody knows
    std::uint64_t days_of_one_order = 0;  ///< accepted rows whose date no other order of day and month can read

    [[nodiscard]] std::uint64_t fault_count() const noexcept;
    [[nodiscard]] bool keeps_more() const noexcept { return faults.size() < max_faults_kept; }

    /// Counts a fault of a row and keeps it while there is room.
    void add(Fault fault);
    /// Sets the fault that ends the reading. A header that other separators part is told from one without the columns.
    void refuse(Fault fault);
    /// Of the rows read, those rejected. Rows that a rule leaves out are none of these.
    [[nodiscard]] double rejected_share() const noexcept;
};

/// Throws InputError if the file must be refused: a structural fault, a faulty row under OnFault::refuse, a greater
/// share of them than `max_rejected` under any rule, or no row left. The first line says the share and what would read
/// these rows; then come the counts by kind, the first faults with their remedies, and how to see the others.
void require_accepted(const ValidationReport& report, OnFault on_fault, double max_rejected = default_max_rejected);

/// Throws InputError where any row has a fault, for files of which every row has to be sound.
void require_faultless(const ValidationReport& report);

}  // namespace clv
