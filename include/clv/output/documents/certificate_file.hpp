#pragma once
// certificate.json, and the files beside it that make up a plan.

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "clv/output/output_set.hpp"
#include "clv/output/tables/plan_writer.hpp"
#include "clv/planning/planned_actions.hpp"

namespace clv {

/// A file that a certificate names: as seen from the certificate's folder, or absolute.
struct CertifiedFile {
    std::string file;
    std::string sha256;
};

/// What certificate.json says beside the plan's figures.
struct CertificateFile {
    Certificate certificate;
    bool require_choice = false;
    std::size_t customers = 0;
    std::vector<std::string> actions;
    CertifiedFile uplift;
    CertifiedFile plan;
    CertifiedFile frontier;
    std::size_t frontier_points = 0;  ///< that were asked for
    std::vector<PolicyValue> policies;
    std::optional<FreshFigures> fresh;  ///< of means and errors only what certificate.json says
    std::optional<PlannedMonths> months;
    bool is_unchanged = false;             ///< by its own digest
    std::optional<double> cvar_level;      ///< of the CVaR in the objective
    std::optional<CertifiedFile> current;  ///< the present policy, where it is known
};

/// Reads what --verify needs. Throws InputError if the file cannot be read or is no certificate of this format.
[[nodiscard]] CertificateFile read_certificate(const std::filesystem::path& file);

/// Figures on fresh paths, as in certificate.json and run.json; null for an uplift table from elsewhere.
[[nodiscard]] nlohmann::json fresh_record(const PlannedActions& decision);
[[nodiscard]] nlohmann::json policies_record(const PlannedActions& decision);
/// Of the paid months; null where they are unknown.
[[nodiscard]] nlohmann::json months_record(const PlannedActions& decision);
[[nodiscard]] nlohmann::json multipliers_record(const Certificate& certificate);
[[nodiscard]] nlohmann::json limits_record(const Certificate& certificate);

/// As in frontier.csv; a profit that was not simulated is NaN.
[[nodiscard]] std::vector<FrontierRow> frontier_rows(std::span<const EvaluatedPoint> frontier);

/// Writes plan.csv, frontier.csv and certificate.json. `uplift` is where the table is from.
void write_plan_files(const UpliftTable& table, const OptimizerSettings& settings, const PlannedActions& decision,
                      const CertifiedFile& uplift, OutputSet& outputs);

}  // namespace clv
