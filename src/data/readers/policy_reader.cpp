#include "clv/data/readers/policy_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "action_rows.hpp"
#include "clv/core/formula_text.hpp"
#include "customer_numbers.hpp"

namespace clv {
namespace {

/// What is found for a text as it is, or as it was before a CSV file for spreadsheets marked it.
template <class Find>
auto either(std::string_view text, const Find& find) {
    const auto found = find(text);
    return found ? found : find(without_formula_mark(text));
}

class PolicyRows final : public ActionRows {
  public:
    PolicyRows(CsvReader& reader, const TableHeader& header, const IdColumn& customer_id,
               const std::vector<std::string>& actions, PolicyRead& read)
        : ActionRows(reader, header, "give every row the id of a customer", read.report),
          actions_(actions),
          read_(read) {
        read_.action.assign(customer_id.size(), 0);
        read_.listed.assign(customer_id.size(), 0);
        for (std::size_t customer = 0; customer < customer_id.size(); ++customer) {
            static_cast<void>(customers_.find(customer_id[customer]));
            customers_.add(customer_id[customer]);
        }
    }

  private:
    void check_row() override {
        const std::string_view id = this->id();
        const std::string_view name = action_name();
        if (!is_row_sound()) {
            return;
        }
        const auto customer = either(id, [&](std::string_view text) { return customers_.find(text); });
        if (!customer) {
            ++read_.unknown;
            return;
        }
        const auto action = either(name, [&](std::string_view text) -> std::optional<std::size_t> {
            const auto found = std::ranges::find(actions_, text);
            return found == actions_.end() ? std::nullopt : std::optional<std::size_t>(found - actions_.begin());
        });
        if (!action) {
            add_fault(FaultKind::unknown_action, action_, "is no action of the data",
                      fmt::format("the actions are {}", fmt::join(actions_, ", ")));
        } else if (read_.listed[*customer] != 0) {
            add_fault(FaultKind::duplicate_id, id_, "stands in an earlier row", "give one row per customer");
        } else {
            read_.listed[*customer] = 1;
            read_.action[*customer] = static_cast<std::uint8_t>(*action);
        }
    }

    const std::vector<std::string>& actions_;
    PolicyRead& read_;
    CustomerNumbers customers_;
};

}  // namespace

PolicyRead read_policy(CsvReader& reader, const IdColumn& customer_id, const std::vector<std::string>& actions) {
    PolicyRead read;
    if (!begin_table(reader, "give a header and rows", read.report)) {
        return read;
    }
    PolicyRows rows(reader, TableHeader(reader, {}, read.report), customer_id, actions, read);
    static_cast<void>(rows.read_all());  // what is wrong stands in the report
    return read;
}

}  // namespace clv
