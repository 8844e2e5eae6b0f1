#pragma once
// What rows of a customer and an action have in common: where the two stand, and what can be wrong with them.

#include <string_view>

#include "row_reader.hpp"

namespace clv {

class ActionRows : public RowReader<CsvRows> {
  protected:
    ActionRows(CsvReader& reader, const TableHeader& header, std::string_view id_remedy, ValidationReport& report)
        : RowReader(CsvRows(reader), header.size(), report, {}),
          id_(header.require("customer_id", id_remedy)),
          action_(header.require("action", "give every row the name of an action")) {
        id_column_ = id_.index;
    }

    [[nodiscard]] std::string_view id() {
        const std::string_view id = trimmed(row_[id_.index]);
        if (id.empty()) {
            add_fault(FaultKind::blank_id, id_, "is blank", "give the id of the customer");
        }
        return id;
    }
    [[nodiscard]] std::string_view action_name() {
        const std::string_view name = trimmed(row_[action_.index]);
        if (name.empty()) {
            add_fault(FaultKind::blank_value, action_, "is blank", "give the name of the action");
        }
        return name;
    }

    TableColumn id_;
    TableColumn action_;
};

}  // namespace clv
