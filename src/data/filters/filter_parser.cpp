#include "filter_parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>
#include <system_error>
#include <utility>
#include <variant>

#include "clv/core/errors.hpp"
#include "clv/data/tables/fault.hpp"

namespace clv {
namespace {

using Comparison = Filter::Comparison;

/// Deep enough for any condition a person writes, and far from the end of the stack.
constexpr int max_depth = 100;

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
/// Letters of other alphabets are bytes above 127.
bool begins_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) > 127;
}
bool continues_name(char c) {
    return begins_name(c) || is_digit(c) || c == '.';
}

bool is_word(std::string_view text, std::string_view lower_case_word) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(text, lower_case_word, {}, lower);
}

Comparison mirrored(Comparison comparison) {
    switch (comparison) {
        case Comparison::less:
            return Comparison::greater;
        case Comparison::less_or_equal:
            return Comparison::greater_or_equal;
        case Comparison::greater:
            return Comparison::less;
        case Comparison::greater_or_equal:
            return Comparison::less_or_equal;
        case Comparison::equal:
        case Comparison::not_equal:
            break;
    }
    return comparison;
}

struct ColumnName {
    std::string name;
    std::size_t position;
};
using Operand = std::variant<ColumnName, double, std::string>;

class Parser {
  public:
    explicit Parser(std::string_view text) : text_(text) {}

    std::vector<Filter::Step> parse() {
        skip_space();
        if (at_ == text_.size()) {
            return {};
        }
        expression(0);
        if (at_ != text_.size()) {
            fail(at_, "'and', 'or' or the end is expected");
        }
        return std::move(steps_);
    }

  private:
    void expression(int depth) {
        conjunction(depth);
        while (take_word("or")) {
            conjunction(depth);
            steps_.emplace_back(Filter::Logic::disjunction);
        }
    }

    void conjunction(int depth) {
        condition(depth);
        while (take_word("and")) {
            condition(depth);
            steps_.emplace_back(Filter::Logic::conjunction);
        }
    }

    void condition(int depth) {
        if (depth > max_depth) {
            fail(at_, fmt::format("it is nested more than {} deep", max_depth));
        }
        if (take_word("not")) {
            condition(depth + 1);
            steps_.emplace_back(Filter::Logic::negation);
        } else if (const std::size_t opening = at_; take("(")) {
            expression(depth + 1);
            if (!take(")")) {
                fail(at_, fmt::format("')' is expected, for the '(' at {}", opening + 1));
            }
        } else {
            test();
        }
    }

    void test() {
        const std::size_t begin = at_;
        Operand left = operand();
        Comparison relation = comparison();
        Operand right = operand();
        if (!std::holds_alternative<ColumnName>(left)) {
            std::swap(left, right);
            relation = mirrored(relation);
        }
        if (!std::holds_alternative<ColumnName>(left)) {
            fail(begin, "one side of a comparison must be a column");
        }
        if (const auto* other = std::get_if<ColumnName>(&right)) {
            fail(other->position, fmt::format("a number or a quoted text is expected: write '{}'", other->name));
        }
        ColumnName& column = std::get<ColumnName>(left);
        Filter::Test step{std::move(column.name), relation, 0.0, column.position + 1};
        if (const auto* number = std::get_if<double>(&right)) {
            step.value = *number;
        } else {
            step.value = std::get<std::string>(std::move(right));
        }
        steps_.emplace_back(std::move(step));
    }

    Comparison comparison() {
        static constexpr std::array<std::pair<std::string_view, Comparison>, 6> signs{{
            {"==", Comparison::equal},
            {"!=", Comparison::not_equal},
            {"<=", Comparison::less_or_equal},
            {">=", Comparison::greater_or_equal},
            {"<", Comparison::less},
            {">", Comparison::greater},
        }};
        for (const auto& [sign, comparison] : signs) {
            if (take(sign)) {
                return comparison;
            }
        }
        fail(at_, text_.substr(at_).starts_with('=') ? "equality is written ==" : "==, !=, <, <=, > or >= is expected");
    }

    Operand operand() {
        const char first = at_ < text_.size() ? text_[at_] : '\0';
        if (first == '\'' || first == '"') {
            return quoted();
        }
        if (first == '`') {
            const std::size_t begin = at_;
            return ColumnName{quoted(), begin};
        }
        if (is_digit(first) || first == '.' || first == '-' || first == '+') {
            return number();
        }
        if (begins_name(first)) {
            const std::size_t begin = at_;
            const std::string_view name = word();
            if (is_word(name, "and") || is_word(name, "or") || is_word(name, "not")) {
                fail(begin, "a column, a number or a quoted text is expected");
            }
            at_ += name.size();
            skip_space();
            return ColumnName{std::string(name), begin};
        }
        fail(at_, "a column, a number or a quoted text is expected");
    }

    std::string quoted() {
        const std::size_t opening = at_;
        const char quote = text_[at_++];
        std::string content;
        for (;;) {
            const std::size_t stop = text_.find(quote, at_);
            if (stop == std::string_view::npos) {
                fail(opening, fmt::format("the {} opened here never closes", quote));
            }
            content += text_.substr(at_, stop - at_);
            at_ = stop + 1;
            if (at_ == text_.size() || text_[at_] != quote) {
                break;
            }
            content += quote;
            ++at_;
        }
        skip_space();
        return content;
    }

    double number() {
        const std::size_t begin = at_;
        at_ += text_[at_] == '+' ? 1 : 0;
        double value = 0.0;
        const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
        const bool is_signed_twice = at_ > begin && at_ < text_.size() && text_[at_] == '-';
        const auto stop = static_cast<std::size_t>(end - text_.data());
        if (error != std::errc{} || !std::isfinite(value) || is_signed_twice ||
            (stop < text_.size() && continues_name(text_[stop]))) {
            fail(begin, "this is not a number");
        }
        at_ = stop;
        skip_space();
        return value;
    }

    [[nodiscard]] std::string_view word() const {
        std::size_t stop = at_;
        while (stop < text_.size() && continues_name(text_[stop])) {
            ++stop;
        }
        return text_.substr(at_, stop - at_);
    }

    bool take_word(std::string_view lower_case_word) {
        if (!is_word(word(), lower_case_word)) {
            return false;
        }
        at_ += lower_case_word.size();
        skip_space();
        return true;
    }

    bool take(std::string_view sign) {
        if (!text_.substr(at_).starts_with(sign)) {
            return false;
        }
        at_ += sign.size();
        skip_space();
        return true;
    }

    void skip_space() {
        while (at_ < text_.size() && is_space(text_[at_])) {
            ++at_;
        }
    }

    [[noreturn]] void fail(std::size_t position, std::string_view problem) const {
        const std::string_view rest = text_.substr(position);
        const std::string where = rest.empty() ? "at its end" : fmt::format("at '{}'", shortened(rest, 20));
        throw ConfigError(
            fmt::format("filter \"{}\", position {} ({}): {}", shortened(text_, 200), position + 1, where, problem));
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<Filter::Step> steps_;
};

}  // namespace

std::vector<Filter::Step> parse_filter(std::string_view text) {
    return Parser(text).parse();
}

}  // namespace clv
