// `clv optimize --verify`: what a certificate claims, recomputed from its uplift table.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>

#include "clv/core/errors.hpp"
#include "clv/core/json_text.hpp"
#include "clv/data/readers/policy_reader.hpp"
#include "clv/decisions/table/objectives.hpp"
#include "clv/decisions/table/read_uplift_table.hpp"
#include "clv/output/documents/certificate_file.hpp"
#include "clv/output/documents/certified_files.hpp"
#include "clv/output/file_digest.hpp"
#include "clv/output/hdf5/results_file.hpp"
#include "clv/output/hdf5/results_reader.hpp"
#include "clv/pipeline/commands.hpp"
#include "clv/pipeline/current_policy.hpp"

namespace clv::commands {

namespace {

namespace fs = std::filesystem;

/// Where the certificate says, or else beside it under the same name.
fs::path find_file(const fs::path& certificate, const std::string& file) {
    const fs::path named = certificate.parent_path() / file;  // an absolute path stays as it is
    const fs::path beside = certificate.parent_path() / fs::path(file).filename();
    std::error_code error;
    return fs::exists(named, error) || !fs::exists(beside, error) ? named : beside;
}

bool check_digest(const fs::path& path, const std::string& sha256, CertificateCheck& check) {
    const std::string found = digest_file(path).sha256;
    if (found == sha256) {
        check.checked.push_back(fmt::format("{} is the file that was certified (SHA-256)", path.string()));
    } else {
        check.mismatches.push_back(fmt::format("{} is not the file that was certified: its SHA-256 is {}, not {}",
                                               path.string(), found, sha256));
    }
    return found == sha256;
}

/// `is_known`: it is the file that was certified. Of another results.h5 its run.json has to say that it is sound.
UpliftTable read_table(const fs::path& path, bool is_known, const RunConfig& config, const CertificateFile& certified,
                       Progress& progress) {
    if (path.extension() == ".h5") {
        const Hdf5File results = is_known ? open_results_h5(path) : open_published_results_h5(path);
        return read_planned_uplift(results, certified.cvar_level.has_value());
    }
    CsvReader reader(path);
    return read_uplift_table(reader, config.input.columns, certified.require_choice, certified.cvar_level, progress);
}

/// The plan's actions; what is wrong with its rows goes to `check`.
std::vector<std::uint8_t> read_plan(const fs::path& path, const UpliftTable& table, CertificateCheck& check) {
    CsvReader reader(path);
    PolicyRead read = read_policy(reader, table.customer_id, table.actions);
    if (read.report.structural) {
        check.mismatches.push_back(fmt::format("{}: {}", path.string(), to_string(*read.report.structural)));
        return {};
    }
    constexpr std::size_t most_named = 5;
    for (std::size_t k = 0; k < std::min(read.report.faults.size(), most_named); ++k) {
        check.mismatches.push_back(fmt::format("{}: {}", path.string(), to_string(read.report.faults[k])));
    }
    if (read.report.faults.size() > most_named) {
        check.mismatches.push_back(
            fmt::format("{}: {} rows in all have a fault", path.string(), read.report.rows_rejected));
    }
    if (read.unknown > 0) {
        check.mismatches.push_back(
            fmt::format("{}: {} customer(s) are not in the uplift table", path.string(), read.unknown));
    }
    const auto missing = std::ranges::count(read.listed, 0);
    if (missing > 0) {
        const auto first = static_cast<std::size_t>(std::ranges::find(read.listed, 0) - read.listed.begin());
        check.mismatches.push_back(fmt::format("{}: {} customer(s) of the uplift table have no row, {} the first",
                                               path.string(), missing, table.customer_id[first]));
    }
    return check.mismatches.empty() || (read.report.faults.empty() && missing == 0) ? std::move(read.action)
                                                                                    : std::vector<std::uint8_t>();
}

void check_months(const UpliftTable& table, std::span<const std::uint8_t> action,
                  const std::optional<PlannedMonths>& stated, CertificateCheck& check) {
    constexpr double tolerance = 1e-9;
    const auto agree = [](double a, double b) { return std::abs(a - b) <= tolerance * std::max(1.0, std::abs(b)); };
    const auto text = [](const std::optional<PlannedMonths>& months) {
        return months ? fmt::format("{} under the plan and {} without", months->chosen, months->none) : "unknown";
    };
    const std::optional<PlannedMonths> found = planned_months(table, action);
    if (!stated && !found) {
        return;
    }
    if (stated && found && agree(stated->none, found->none) && agree(stated->chosen, found->chosen)) {
        check.checked.push_back(fmt::format("expected_lifetime_months are {}", text(stated)));
    } else {
        check.mismatches.push_back(
            fmt::format("expected_lifetime_months are stated as {}, but by the uplift table they are {}", text(stated),
                        text(found)));
    }
}

void show(const CertificateCheck& check, Terminal& terminal) {
    if (terminal.wants_json()) {
        const nlohmann::json record{{"verified", check.mismatches.empty()},
                                    {"checked", check.checked},
                                    {"mismatches", check.mismatches},
                                    {"not_recomputed", check.not_recomputed}};
        terminal.data(json_text(record, 2) + "\n");
        return;
    }
    for (const std::string& line : check.checked) {
        terminal.data("ok: " + line + "\n");
    }
    for (const std::string& line : check.not_recomputed) {
        terminal.data("not recomputed: " + line + "\n");
    }
    for (const std::string& line : check.mismatches) {
        terminal.data("MISMATCH: " + line + "\n");
    }
}

void add(CertificateCheck& check, CertificateCheck&& more) {
    std::ranges::move(more.checked, std::back_inserter(check.checked));
    std::ranges::move(more.mismatches, std::back_inserter(check.mismatches));
    std::ranges::move(more.not_recomputed, std::back_inserter(check.not_recomputed));
}

/// All that a plan for this table says of itself.
void check_figures(const CertificateFile& certified, const fs::path& plan_file, const fs::path& frontier_file,
                   const UpliftTable& table, std::span<const std::uint8_t> action,
                   const std::vector<std::uint8_t>& current, CertificateCheck& check) {
    const Certificate& certificate = certified.certificate;
    CertificateCheck figures;
    bool is_sound = false;
    try {
        figures = check_certificate(table, action, certificate, current);
        is_sound = figures.mismatches.empty();
        add(figures, check_planned_again(table, certificate, current));
    } catch (const Error& fault) {
        if (fault.exit_code() == ExitCode::interrupted || fault.exit_code() == ExitCode::memory) {
            throw;
        }
        is_sound = false;
        figures.mismatches.push_back(
            fmt::format("no plan can be made again as the certificate says: {}", fault.what()));
    }
    if (!is_sound) {  // it may not be a plan for this table
        add(check, std::move(figures));
        return;
    }
    check_months(table, action, certified.months, figures);
    OptimizerSettings terms;
    terms.customer_risk_weight = certificate.customer_risk_weight;
    terms.robustness = certificate.robustness;
    terms.switching_penalty = certificate.switching_penalty;
    std::optional<UpliftTable> adjusted;
    if (has_adjustments(terms)) {
        adjusted = table;
        adjust_objective(*adjusted, terms, current);
    }
    check_plan_rows(plan_file, adjusted ? *adjusted : table, action, certificate, figures);
    check_frontier(frontier_file, table, certified.frontier_points, figures);
    check_policies(certified, table, action, current, figures);
    check_fresh(certified, figures);
    figures.not_recomputed.emplace_back(
        "budget, limits, require_choice, exact, frontier_points: other requests can give the same plan");
    add(check, std::move(figures));
}

/// What the table itself is said to be.
void check_table(const CertificateFile& certified, const UpliftTable& table, bool is_csv, CertificateCheck& check) {
    if (table.size() != certified.customers) {
        check.mismatches.push_back(fmt::format("the certificate is of {} customers, the uplift table of {}",
                                               certified.customers, table.size()));
    }
    if (table.actions != certified.actions) {
        check.mismatches.push_back(fmt::format("the certificate is of the actions {}, the uplift table of {}",
                                               fmt::join(certified.actions, ", "), fmt::join(table.actions, ", ")));
    }
    if (const auto level = certified.cvar_level; level && *level != table.cvar_level) {
        check.mismatches.push_back(
            fmt::format("cvar_level is stated as {}, but the results have CVaR at {}", *level, table.cvar_level));
    }
    if (!is_csv && certified.require_choice) {
        check.mismatches.emplace_back("require_choice is stated, but in results everybody may have no action");
    }
    if (is_csv && certified.certificate.objective_kind == Objective::mean_cvar) {
        check.mismatches.emplace_back("objective_kind is stated as mean_cvar, but an uplift CSV has no paths");
    }
    if (is_csv && certified.fresh) {
        check.mismatches.emplace_back("fresh figures are stated, but an uplift CSV has no paths");
    }
}

}  // namespace

int verify_certificate(const std::string& file, const RunConfig& config, Terminal& terminal) {
    const CertificateFile certified = read_certificate(file);
    const fs::path uplift_file =
        config.optimizer.uplift.empty() ? find_file(file, certified.uplift.file) : fs::path(config.optimizer.uplift);
    const fs::path plan_file = find_file(file, certified.plan.file);
    CertificateCheck check;
    if (certified.is_unchanged) {
        check.checked.emplace_back("the certificate is as it was written (digest)");
    } else {
        check.mismatches.emplace_back("the certificate was changed after it was written: its digest is another");
    }
    const bool is_known = check_digest(uplift_file, certified.uplift.sha256, check);
    check_digest(plan_file, certified.plan.sha256, check);
    const UpliftTable table = read_table(uplift_file, is_known, config, certified, terminal);
    const fs::path frontier_file = find_file(file, certified.frontier.file);
    check_digest(frontier_file, certified.frontier.sha256, check);
    check_table(certified, table, uplift_file.extension() != ".h5", check);
    std::vector<std::uint8_t> current;
    if (certified.current) {
        const fs::path current_file = find_file(file, certified.current->file);
        check_digest(current_file, certified.current->sha256, check);
        current = current_policy(current_file.string(), table.customer_id, table.actions, terminal);
    }
    const std::vector<std::uint8_t> action = read_plan(plan_file, table, check);
    if (!action.empty()) {
        check_figures(certified, plan_file, frontier_file, table, action, current, check);
    }
    show(check, terminal);
    if (check.mismatches.empty()) {
        terminal.message(fmt::format("{} verifies", file));
        return static_cast<int>(ExitCode::done);
    }
    throw Error(ExitCode::certificate,
                fmt::format("{} does not verify, {} claim{} do{} not agree ({}): do not rely on the plan; run clv "
                            "optimize again",
                            file, check.mismatches.size(), check.mismatches.size() == 1 ? "" : "s",
                            check.mismatches.size() == 1 ? "es" : "", fmt::join(check.mismatches, "; ")));
}

}  // namespace clv::commands
