#pragma once
// The files and figures beside a certificate's own, against the uplift table.

#include <cstdint>
#include <filesystem>
#include <span>

#include "clv/decisions/table/certificate.hpp"
#include "clv/output/documents/certificate_file.hpp"

namespace clv {

/// Every cell of plan.csv, from the table that was maximised, the actions and the multipliers.
void check_plan_rows(const std::filesystem::path& file, const UpliftTable& maximised,
                     std::span<const std::uint8_t> action, const Certificate& certificate, CertificateCheck& check);

/// Every row of frontier.csv; of what was simulated only what follows from the rest.
void check_frontier(const std::filesystem::path& file, const UpliftTable& table, std::size_t points,
                    CertificateCheck& check);

/// Policies and fresh figures, as far as the table tells them.
void check_policies(const CertificateFile& certified, const UpliftTable& table, std::span<const std::uint8_t> action,
                    std::span<const std::uint8_t> current, CertificateCheck& check);
void check_fresh(const CertificateFile& certified, CertificateCheck& check);

}  // namespace clv
