#include "key_kinds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "clv/core/nearest_name.hpp"
#include "clv/data/tables/parse_date.hpp"

namespace clv {

namespace kinds {

bool Range::contains(double value) const noexcept {
    return std::isfinite(value) && (low_open ? value > low : value >= low) &&
           (high_open ? value < high : value <= high);
}

std::string Range::text() const {
    const std::string below = std::isinf(low) ? "" : fmt::format("{} {}", low_open ? ">" : ">=", low);
    const std::string above = std::isinf(high) ? "" : fmt::format("{} {}", high_open ? "<" : "<=", high);
    return below + (below.empty() || above.empty() ? "" : " and ") + above;
}

namespace {

using nlohmann::json;

std::string with_unit(const std::string& text, std::string_view unit) {
    return unit.empty() ? text : fmt::format("{} ({})", text, unit);
}

ValueFault wrong_type(const json& value, const std::string& expected, const std::string& part = "") {
    return {part, fmt::format("must be {}, not {}", expected, describe(value)), "give " + expected};
}

/// A finite number in the range. Minus zero is zero, so that it has one text.
double checked_number(const json& value, const Range& range, std::string_view unit, const std::string& part = "") {
    const std::string expected = with_unit(range.text().empty() ? "a number" : "a number " + range.text(), unit);
    if (!value.is_number()) {
        throw wrong_type(value, expected, part);
    }
    const auto number = value.get<double>();
    if (!range.contains(number)) {
        throw ValueFault{part, fmt::format("is {}, which is out of range", number),
                         "give a finite number" + with_unit(range.text().empty() ? "" : " " + range.text(), unit)};
    }
    return number + 0.0;
}

std::string checked_text(const json& value, const std::string& part = "") {
    if (!value.is_string()) {
        throw wrong_type(value, "text in quotes", part);
    }
    return value.get<std::string>();
}

/// What kinds of keys share whose values one slot carries.
template <class Value>
class SlotKind : public KeyKind {
  public:
    explicit SlotKind(Slot<Value> slot) : slot_(slot) {}

  protected:
    void set(void* owner, Value value) const { slot_.set(owner, std::move(value)); }
    [[nodiscard]] std::optional<Value> get(const void* owner) const { return slot_.get(owner); }

  private:
    Slot<Value> slot_;
};

/// A kind whose values read back as they are.
template <class Value>
class PlainKind : public SlotKind<Value> {
  public:
    using SlotKind<Value>::SlotKind;
    [[nodiscard]] json load(const void* owner) const override {
        const std::optional<Value> value = this->get(owner);
        return value ? json(*value) : json();
    }
};

/// A kind whose values read back as they are, except that an empty value is an absent one.
template <class Value>
class EmptyIsAbsent : public SlotKind<Value> {
  public:
    using SlotKind<Value>::SlotKind;
    [[nodiscard]] json load(const void* owner) const override {
        const std::optional<Value> value = this->get(owner);
        return value && !value->empty() ? json(*value) : json();
    }
};

class IntegerKind final : public PlainKind<std::int64_t> {
  public:
    IntegerKind(Slot<std::int64_t> slot, std::int64_t low, std::int64_t high, std::string expected)
        : PlainKind(slot), low_(low), high_(high), expected_(std::move(expected)) {}
    void store(void* owner, const json& value) const override {
        if (!value.is_number_integer()) {
            throw wrong_type(value, expected_);
        }
        const bool too_large =
            value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(high_);
        if (too_large || value.get<std::int64_t>() < low_ || value.get<std::int64_t>() > high_) {
            throw ValueFault{"", fmt::format("is {}, which is out of range", value.dump()), "give " + expected_};
        }
        set(owner, value.get<std::int64_t>());
    }

  private:
    std::int64_t low_;
    std::int64_t high_;
    std::string expected_;
};

class NumberKind final : public PlainKind<double> {
  public:
    NumberKind(Slot<double> slot, const Range& range, std::string_view unit)
        : PlainKind(slot), range_(range), unit_(unit) {}
    void store(void* owner, const json& value) const override { set(owner, checked_number(value, range_, unit_)); }

  private:
    Range range_;
    std::string unit_;
};

class BooleanKind final : public PlainKind<bool> {
  public:
    using PlainKind::PlainKind;
    void store(void* owner, const json& value) const override {
        if (!value.is_boolean()) {
            throw wrong_type(value, "true or false");
        }
        set(owner, value.get<bool>());
    }
};

class TextKind final : public EmptyIsAbsent<std::string> {
  public:
    TextKind(Slot<std::string> slot, void (*check)(const std::string&)) : EmptyIsAbsent(slot), check_(check) {}
    void store(void* owner, const json& value) const override {
        std::string text = checked_text(value);
        if (check_ != nullptr) {
            check_(text);
        }
        set(owner, std::move(text));
    }

  private:
    void (*check_)(const std::string&);
};

class DayKind final : public SlotKind<Day> {
  public:
    using SlotKind::SlotKind;
    void store(void* owner, const json& value) const override {
        const auto parsed = parse_date(checked_text(value), DateFormat::iso);
        if (!parsed) {
            throw ValueFault{"", fmt::format("is {}, which is no day", value.dump()), "give a day such as 1997-09-30"};
        }
        set(owner, *parsed);
    }
    [[nodiscard]] json load(const void* owner) const override {
        const std::optional<Day> day = get(owner);
        if (!day) {
            return {};
        }
        const std::chrono::year_month_day date(*day);
        return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                           static_cast<unsigned>(date.day()));
    }
};

/// The word that a value is, which must be one of `known`.
std::string checked_word(const json& value, const Texts& known) {
    const std::string range = fmt::format("{}", fmt::join(known, ", "));
    if (!value.is_string()) {
        throw wrong_type(value, "one of " + range);
    }
    auto word = value.get<std::string>();
    if (std::ranges::find(known, word) == known.end()) {
        throw ValueFault{"", fmt::format("is \"{}\", which is not a choice", word), "give one of " + range};
    }
    return word;
}

class WordKind final : public SlotKind<std::string> {
  public:
    WordKind(Slot<std::string> slot, Texts words) : SlotKind(slot), words_(std::move(words)) {}
    void store(void* owner, const json& value) const override { set(owner, checked_word(value, words_)); }
    [[nodiscard]] json load(const void* owner) const override {
        const std::optional<std::string> word = get(owner);
        return word && std::ranges::find(words_, *word) != words_.end() ? json(*word) : json();
    }

  private:
    Texts words_;
};

Texts names_of(const Words& words) {
    Texts names;
    for (const auto& [name, value] : words) {
        names.push_back(name);
    }
    return names;
}

class ChoiceKind : public SlotKind<int> {
  public:
    ChoiceKind(Slot<int> slot, Words words) : SlotKind(slot), words_(std::move(words)) {}
    void store(void* owner, const json& value) const override {
        const std::string word = checked_word(value, names_of(words_));
        set(owner, std::ranges::find(words_, word, &Words::value_type::first)->second);
    }
    [[nodiscard]] json load(const void* owner) const override {
        const std::optional<int> value = get(owner);
        const auto found = value ? std::ranges::find(words_, *value, &Words::value_type::second) : words_.end();
        return found == words_.end() ? json() : json(found->first);
    }

  private:
    Words words_;
};

class ChoiceOrBooleanKind final : public ChoiceKind {
  public:
    ChoiceOrBooleanKind(Slot<int> slot, Words words, int if_true, int if_false)
        : ChoiceKind(slot, std::move(words)), if_true_(if_true), if_false_(if_false) {}
    void store(void* owner, const json& value) const override {
        const bool is_true = value == true || value == "true";  // on the command line it is a word
        const bool is_false = value == false || value == "false";
        if (is_true || is_false) {
            set(owner, is_true ? if_true_ : if_false_);
        } else {
            ChoiceKind::store(owner, value);
        }
    }

  private:
    int if_true_;
    int if_false_;
};

class IncreasingNumbersKind final : public PlainKind<std::vector<double>> {
  public:
    IncreasingNumbersKind(Slot<std::vector<double>> slot, const Range& range, std::string_view unit)
        : PlainKind(slot), range_(range), unit_(unit) {}
    void store(void* owner, const json& value) const override {
        if (!value.is_array()) {
            throw wrong_type(value, "a list of numbers, such as [0.05, 0.5, 0.95]");
        }
        if (value.empty()) {
            throw ValueFault{"", "is empty", "give at least one number"};
        }
        std::vector<double> numbers;
        for (std::size_t i = 0; i < value.size(); ++i) {
            const std::string part = fmt::format("/{}", i);
            const double entry = checked_number(value[i], range_, unit_, part);
            if (!numbers.empty() && entry <= numbers.back()) {
                throw ValueFault{part, fmt::format("has {} after {}", entry, numbers.back()),
                                 "give numbers in strictly increasing order"};
            }
            numbers.push_back(entry);
        }
        set(owner, std::move(numbers));
    }

  private:
    Range range_;
    std::string unit_;
};

class TextsKind final : public EmptyIsAbsent<Texts> {
  public:
    using EmptyIsAbsent::EmptyIsAbsent;
    void store(void* owner, const json& value) const override {
        Texts entries;
        if (value.is_string()) {
            entries.push_back(value.get<std::string>());
        } else if (value.is_array()) {
            for (std::size_t i = 0; i < value.size(); ++i) {
                entries.push_back(checked_text(value[i], fmt::format("/{}", i)));
            }
        } else {
            throw wrong_type(value, "a list of texts, such as [\"a\", \"b\"]");
        }
        set(owner, std::move(entries));
    }
};

class TextsByNameKind final : public EmptyIsAbsent<TextsByName> {
  public:
    TextsByNameKind(Slot<TextsByName> slot, Texts names, bool (*is_known)(std::string_view), bool keeps_text)
        : EmptyIsAbsent(slot), names_(std::move(names)), is_known_(is_known), keeps_text_(keeps_text) {}
    /// Names that the member already has stay in it.
    void store(void* owner, const json& value) const override {
        if (!value.is_object()) {
            throw wrong_type(value, "a table of names, such as { margin = \"..\" }");
        }
        TextsByName texts = get(owner).value_or(TextsByName{});
        for (const auto& [name, entry] : value.items()) {
            const std::string part = "/" + name;
            if (!is_known_(name)) {
                const auto nearest = nearest_name(name, names_);
                throw ValueFault{part, fmt::format("has no column {}", name),
                                 nearest ? fmt::format("did you mean {}?", *nearest)
                                         : fmt::format("the columns are {}", fmt::join(names_, ", "))};
            }
            if (entry.is_string()) {
                texts[name] = entry.get<std::string>();
            } else if (!keeps_text_ && (entry.is_number() || entry.is_boolean())) {
                texts[name] = entry.dump();
            } else {
                throw wrong_type(entry, keeps_text_ ? "text in quotes" : "text in quotes or a number", part);
            }
        }
        set(owner, std::move(texts));
    }

  private:
    Texts names_;
    bool (*is_known_)(std::string_view);
    bool keeps_text_;
};

class MultiplierKind final : public SlotKind<UncertainMultiplier> {
  public:
    MultiplierKind(Slot<UncertainMultiplier> slot, std::string_view unit) : SlotKind(slot), unit_(unit) {}
    void store(void* owner, const json& value) const override {
        UncertainMultiplier factor;
        if (value.is_number()) {
            factor.median = checked_number(value, at_least_zero, unit_);
        } else if (value.is_object()) {
            const std::array<std::pair<std::string, double*>, 3> members{
                {{"median", &factor.median}, {"log_sd", &factor.log_sd}, {"customer_log_sd", &factor.customer_log_sd}}};
            for (const auto& [name, entry] : value.items()) {
                const auto member = std::ranges::find(members, name, [](const auto& m) { return m.first; });
                if (member == members.end()) {
                    throw ValueFault{"/" + name, "has the unknown key " + name,
                                     "it may have median, log_sd and customer_log_sd"};
                }
                *member->second = checked_number(entry, at_least_zero, "", "/" + name);
            }
        } else {
            throw wrong_type(value, "a number or a table { median, log_sd, customer_log_sd }");
        }
        set(owner, factor);
    }
    [[nodiscard]] json load(const void* owner) const override {
        const UncertainMultiplier factor = get(owner).value_or(UncertainMultiplier{});
        if (factor.is_certain()) {
            return factor.median;
        }
        return json{{"median", factor.median}, {"log_sd", factor.log_sd}, {"customer_log_sd", factor.customer_log_sd}};
    }

  private:
    std::string unit_;
};

class ReadElsewhereKind final : public KeyKind {
  public:
    void store(void* /*owner*/, const json& /*value*/) const override {}
    [[nodiscard]] json load(const void* /*owner*/) const override { return {}; }
};

AnyKey make_key(const Description& about, std::string_view type, std::string range, std::shared_ptr<KeyKind> kind) {
    AnyKey key;
    key.key.name = about.name;
    key.key.type = type;
    key.key.unit = about.unit;
    key.key.range = std::move(range);
    key.key.meaning = about.meaning;
    key.key.statistical = about.statistical;
    key.kind = std::move(kind);
    return key;
}

/// A key whose value on the command line is a text, also where it looks like something else.
AnyKey make_text_key(const Description& about, std::string_view type, std::string range,
                     std::shared_ptr<KeyKind> kind) {
    AnyKey key = make_key(about, type, std::move(range), std::move(kind));
    key.keeps_text = true;
    return key;
}

}  // namespace

namespace any {

AnyKey integer(const Description& about, Slot<std::int64_t> slot, std::int64_t low, std::int64_t high) {
    std::string range = fmt::format("{} to {}", low, high);
    const std::string expected = with_unit("an integer from " + range, about.unit);
    return make_key(about, "integer", std::move(range), std::make_shared<IntegerKind>(slot, low, high, expected));
}

AnyKey number(const Description& about, Slot<double> slot, const Range& range) {
    return make_key(about, "number", range.text(), std::make_shared<NumberKind>(slot, range, about.unit));
}

AnyKey boolean(const Description& about, Slot<bool> slot) {
    return make_key(about, "true or false", "", std::make_shared<BooleanKind>(slot));
}

AnyKey text(const Description& about, Slot<std::string> slot, const TextRule& rule) {
    return make_text_key(about, "text", rule.range, std::make_shared<TextKind>(slot, rule.check));
}

AnyKey path(const Description& about, Slot<std::string> slot) {
    AnyKey key = make_text_key(about, "path", "", std::make_shared<TextKind>(slot, nullptr));
    key.key.statistical = false;
    key.is_path = true;
    return key;
}

AnyKey day(const Description& about, Slot<Day> slot) {
    return make_text_key(about, "date", "such as 1997-09-30", std::make_shared<DayKind>(slot));
}

AnyKey word(const Description& about, Slot<std::string> slot, Texts words) {
    std::string range = fmt::format("{}", fmt::join(words, ", "));
    return make_text_key(about, "choice", std::move(range), std::make_shared<WordKind>(slot, std::move(words)));
}

AnyKey choice(const Description& about, Slot<int> slot, Words words) {
    std::string range = fmt::format("{}", fmt::join(names_of(words), ", "));
    return make_text_key(about, "choice", std::move(range), std::make_shared<ChoiceKind>(slot, std::move(words)));
}

AnyKey choice_or_boolean(const Description& about, Slot<int> slot, Words words, int if_true, int if_false) {
    std::string range = fmt::format("{}", fmt::join(names_of(words), ", "));
    return make_text_key(about, "choice", std::move(range),
                         std::make_shared<ChoiceOrBooleanKind>(slot, std::move(words), if_true, if_false));
}

AnyKey increasing_numbers(const Description& about, Slot<std::vector<double>> slot, const Range& range) {
    return make_key(about, "list of numbers", "each " + range.text() + ", strictly increasing, at least one",
                    std::make_shared<IncreasingNumbersKind>(slot, range, about.unit));
}

AnyKey texts(const Description& about, Slot<Texts> slot) {
    return make_key(about, "list of texts", "", std::make_shared<TextsKind>(slot));
}

AnyKey paths(const Description& about, Slot<Texts> slot) {
    AnyKey key = make_key(about, "list of paths", "", std::make_shared<TextsKind>(slot));
    key.key.statistical = false;
    key.is_path = true;
    return key;
}

AnyKey texts_by_name(const Description& about, Slot<TextsByName> slot, Texts names, bool (*is_known)(std::string_view),
                     bool keeps_text) {
    std::string range = fmt::format("NAME: {} ..", fmt::join(names, ", "));
    AnyKey key = make_key(about, keeps_text ? "text" : "text or number", std::move(range),
                          std::make_shared<TextsByNameKind>(slot, std::move(names), is_known, keeps_text));
    key.keeps_text = keeps_text;
    key.is_open = true;
    return key;
}

AnyKey multiplier(const Description& about, Slot<UncertainMultiplier> slot) {
    return make_key(about, "number or { median, log_sd, customer_log_sd }", at_least_zero.text(),
                    std::make_shared<MultiplierKind>(slot, about.unit));
}

AnyKey read_elsewhere(const Description& about, std::string_view type) {
    return make_key(about, type, "", std::make_shared<ReadElsewhereKind>());
}

}  // namespace any

}  // namespace kinds

std::string describe(const nlohmann::json& value) {
    switch (value.type()) {
        case nlohmann::json::value_t::string:
            return fmt::format("the text \"{}\"", value.get<std::string>());
        case nlohmann::json::value_t::array:
            return "a list";
        case nlohmann::json::value_t::object:
            return "a table";
        case nlohmann::json::value_t::number_float:
            return fmt::format("the number {}", value.get<double>());
        default:
            return value.dump();
    }
}

}  // namespace clv
