#include "sentence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <string_view>

#include "clv/core/errors.hpp"

namespace clv {

namespace {

struct Blank {
    std::string_view column;
    std::optional<int> decimals;
};

/// Hands on the parts of a sentence: words, and what is to be filled in.
void parts_of(const std::string& sentence, const std::string& rule, const std::function<void(std::string_view)>& words,
              const std::function<void(const Blank&)>& blank) {
    std::string_view rest = sentence;
    while (!rest.empty()) {
        const std::size_t open = rest.find_first_of("{}");
        words(rest.substr(0, open));
        if (open == std::string_view::npos) {
            return;
        }
        const std::size_t close = rest.find('}', open);
        if (rest[open] == '}' || close == std::string_view::npos) {
            throw ConfigError(fmt::format("a brace without its other ({}, sentence \"{}\"): a column stands in {{ }}",
                                          rule, sentence));
        }
        const std::string_view inner = rest.substr(open + 1, close - open - 1);
        const std::size_t colon = inner.find(':');
        Blank found{inner.substr(0, colon), std::nullopt};
        if (colon != std::string_view::npos) {
            const std::string_view digits = inner.substr(colon + 1);
            if (digits.size() != 1 || digits[0] < '0' || digits[0] > '9') {
                throw ConfigError(
                    fmt::format("decimals are one digit, as in {{revenue:0}} ({}, sentence \"{}\")", rule, sentence));
            }
            found.decimals = digits[0] - '0';
        }
        blank(found);
        rest.remove_prefix(close + 1);
    }
}

std::string number_text(double number, std::optional<int> decimals) {
    if (std::isnan(number)) {
        return "unknown";
    }
    std::string text = fmt::format("{:.{}f}", number, decimals.value_or(2));
    if (!decimals && text.find('.') != std::string::npos) {
        text.erase(text.find_last_not_of('0') + 1);
        if (text.back() == '.') {
            text.pop_back();
        }
    }
    return text == "-0" ? "0" : text;
}

}  // namespace

void check_sentence(const std::string& sentence, const std::string& rule) {
    parts_of(
        sentence, rule, [](std::string_view) {}, [](const Blank&) {});
}

std::string Sentences::filled(const std::string& sentence, std::size_t customer) const {
    std::string text;
    parts_of(
        sentence, "rules", [&](std::string_view words) { text += words; },
        [&](const Blank& blank) {
            const NamedColumn* column = find_column(columns_, customers_, blank.column);
            if (column == nullptr) {
                throw ConfigError(
                    fmt::format("the customers have no column '{}' (sentence \"{}\")", blank.column, sentence));
            }
            text += column->is_text() ? column->text(customer) : number_text(column->number(customer), blank.decimals);
        });
    return text;
}

}  // namespace clv
