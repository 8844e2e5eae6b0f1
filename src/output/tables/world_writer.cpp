#include "clv/output/tables/world_writer.hpp"

#include "clv/core/progress.hpp"
#include "clv/output/files.hpp"

namespace clv {

void CustomersCsv::append(const SyntheticWorld& part) {
    constexpr std::size_t block_bytes = std::size_t{1} << 20;
    std::string text;
    if (!has_header_) {
        for (const std::string& column : part.header()) {
            text += column_spec(file_spec("customers.csv"), column).name;
            text += ',';
        }
        text.back() = '\n';
        has_header_ = true;
    }
    for (std::size_t customer = 0; customer < part.customers.size(); ++customer) {
        part.append_row(customer, text);
        if (text.size() >= block_bytes) {
            throw_if_interrupted();
            file_.write(text);
            text.clear();
        }
    }
    file_.write(text);
}

void TruthCsv::append(const CustomerTable& part, const Truth& truth) {
    std::vector<CsvColumn> columns{
        {"customer_id", IdRange{part.customer_id, 0, part.size()}},
        {"segment", CodedTexts{part.segment, part.segments}},
        {"hazard_month_1", truth.hazard_month_1},
        {"clv_mean", truth.clv_mean},
    };
    if (!truth.churn_probability.empty()) {
        columns.push_back({"churn_probability", truth.churn_probability});
    }
    for (std::size_t action = 0; action < truth.actions.size(); ++action) {
        columns.push_back({"uplift_" + truth.actions[action], truth.uplift.at(action), "uplift_{action}"});
    }
    table_.append(part.size(), columns);
}

}  // namespace clv
