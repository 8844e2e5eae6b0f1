#include "clv/terminal/fit_messages.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string>

#include "clv/models/purchase_models.hpp"

namespace clv {

namespace {

template <class Names, class Values>
std::string listed(const Names& names, const Values& values, const Values& errors) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        text += fmt::format("{}{} {:.6g}", text.empty() ? "" : ", ", names[i], values[i]);
        text += std::isfinite(errors[i]) ? fmt::format(" (se {:.3g})", errors[i]) : std::string();
    }
    return text;
}

}  // namespace

void show_fit(const FittedModel& model, Terminal& terminal) {
    const PurchaseFit& purchase = model.purchase;
    terminal.message(
        fmt::format("{}: {}, log-likelihood {:.4f}, {}", law_name(purchase.model.law),
                    listed(law_parameters(purchase.model.law), purchase.model.parameters, purchase.standard_errors),
                    purchase.log_likelihood, to_string(purchase.status)));
    if (model.spend) {
        terminal.message(fmt::format("gamma_gamma: {}, log-likelihood {:.4f}, {}",
                                     listed(spend_parameters, model.spend->parameters, model.spend->standard_errors),
                                     model.spend->log_likelihood, to_string(model.spend->status)));
    }
    if (const auto& calendar = model.calendar) {
        terminal.message(
            fmt::format("calendar of {} weeks: {}, cycle sd {:.2f} ({:.2f} from week to week), level step sd {:.3f}",
                        calendar->weeks.actual.size(), to_string(calendar->status), calendar->cycle_sd.value,
                        calendar->persistence.value, calendar->level_step_sd.value));
        if (const std::string& rhythm = calendar->weeks.rhythm; !rhythm.empty()) {
            terminal.message(fmt::format(
                "purchases come {}: the calendar counts them in cells of {:.1f} weeks, and forecasts spread "
                "them evenly",
                rhythm, calendar->weeks.cell_weeks));
        }
    }
    show_warnings(model, terminal);
}

void show_warnings(const FittedModel& model, Terminal& terminal) {
    const auto show = [&](const std::vector<std::string>& warnings) {
        for (const std::string& warning : warnings) {
            terminal.warning(warning);
        }
    };
    show(model.purchase.warnings);
    if (model.spend) {
        show(model.spend->warnings);
    }
    if (model.calendar) {
        show(model.calendar->warnings);
    }
}

}  // namespace clv
