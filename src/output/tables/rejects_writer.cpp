#include "clv/output/tables/rejects_writer.hpp"

#include <nlohmann/json.hpp>

#include "clv/core/json_text.hpp"
#include "clv/output/checked_file.hpp"
#include "clv/output/files.hpp"
#include "row_columns.hpp"

namespace clv {

namespace {

nlohmann::json to_json(const Fault& fault) {
    return {{"kind", name(fault.kind)},
            {"line", fault.line},
            {"column_number", fault.column_number},
            {"column", fault.column},
            {"customer_id", fault.customer_id},
            {"value", fault.value},
            {"problem", fault.problem},
            {"remedy", fault.remedy}};
}

}  // namespace

RejectsWriter::RejectsWriter(const std::filesystem::path& path) : csv_(path, column_names("rejects.csv")) {}

void RejectsWriter::write(const RejectedRow& row) {
    csv_.cell(row.line);
    csv_.cell(row.reason);
    csv_.cell(row.text);
    csv_.end_row();
}

void write_validation_json(const std::filesystem::path& path, const ValidationReport& report) {
    nlohmann::ordered_json document;
    const auto add = [&, file = file_spec("validation.json")](std::string_view member, nlohmann::json value) {
        document[std::string(column_spec(file, member).name)] = std::move(value);
    };
    nlohmann::json counts = nlohmann::json::object();
    for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
        if (report.counts[kind] != 0) {
            counts[std::string(name(static_cast<FaultKind>(kind)))] = report.counts[kind];
        }
    }
    nlohmann::json faults = nlohmann::json::array();
    for (const Fault& fault : report.faults) {
        faults.push_back(to_json(fault));
    }
    add("file", report.file);
    add("rows_read", report.rows_read);
    add("rows_accepted", report.rows_accepted);
    add("rows_rejected", report.rows_rejected);
    add("fault_counts", std::move(counts));
    add("faults", std::move(faults));
    add("structural_fault", report.structural ? to_json(*report.structural) : nlohmann::json());
    add("hint", report.hint);
    add("warnings", report.warnings);
    add("notes", report.notes);
    if (!report.rules.empty()) {
        nlohmann::json rules = nlohmann::json::array();
        for (const RuleCount& rule : report.rules) {
            rules.push_back({{"rule", rule.rule}, {"rows", rule.rows}, {"left_out", rule.left_out}, {"key", rule.key}});
        }
        add("rules", std::move(rules));
    }
    write_text_file(path, json_text(document, 2) + "\n");
}

}  // namespace clv
