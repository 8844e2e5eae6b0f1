// Kinds of keys whose values are texts, words of a list, days and files.

#include <fmt/format.h>

#include <algorithm>

#include "clv/core/json_text.hpp"
#include "clv/core/nearest_name.hpp"
#include "clv/data/tables/fault.hpp"
#include "clv/data/tables/parse_date.hpp"
#include "slot_kind.hpp"

namespace clv::kinds {

namespace {

using nlohmann::json;

std::string checked_text(const json& value, const std::string& part = "") {
    if (!value.is_string()) {
        throw wrong_type(value, "text in quotes", part);
    }
    std::string text = value.get<std::string>();
    if (text.find('\0') != std::string::npos) {
        throw ValueFault{part, "has a NUL character, which no name or file has", "remove it"};
    }
    return text;
}

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

Day checked_day(const json& value, const std::string& part = "") {
    const auto parsed = parse_date(checked_text(value, part), DateFormat::iso);
    if (!parsed) {
        throw ValueFault{part, fmt::format("is {}, which is no day", shortened(json_text(value))),
                         "give a day such as 1997-09-30"};
    }
    return *parsed;
}

class DayKind final : public SlotKind<Day> {
  public:
    using SlotKind::SlotKind;
    void store(void* owner, const json& value) const override { set(owner, checked_day(value)); }
    [[nodiscard]] json load(const void* owner) const override {
        const std::optional<Day> day = get(owner);
        return day ? json(iso_date(*day)) : json();
    }
};

class DayRangeKind final : public SlotKind<DayPair> {
  public:
    using SlotKind::SlotKind;
    void store(void* owner, const json& value) const override {
        constexpr std::chrono::days longest{36'525};
        if (!value.is_array() || value.size() != 2) {
            throw wrong_type(value, "two days, such as [\"1990-01-01\", \"2030-12-31\"]");
        }
        const DayPair days{checked_day(value[0], "/0"), checked_day(value[1], "/1")};
        if (days.second < days.first || days.second - days.first > longest) {
            throw ValueFault{"", fmt::format("is from {} to {}", iso_date(days.first), iso_date(days.second)),
                             "give the first day, and then the last, at most a century later"};
        }
        set(owner, days);
    }
    [[nodiscard]] json load(const void* owner) const override {
        const std::optional<DayPair> days = get(owner);
        return days ? json{iso_date(days->first), iso_date(days->second)} : json();
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
        throw ValueFault{"", fmt::format("is \"{}\", which is not a choice", shortened(word)), "give one of " + range};
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
                throw ValueFault{part, fmt::format("has no column {}", shortened(name)),
                                 nearest ? fmt::format("did you mean {}?", *nearest)
                                         : fmt::format("the columns are {}", fmt::join(names_, ", "))};
            }
            if (entry.is_string()) {
                texts[name] = entry.get<std::string>();
            } else if (!keeps_text_ && (entry.is_number() || entry.is_boolean())) {
                texts[name] = json_text(entry);
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

/// A key whose value on the command line is a text, also where it looks like something else.
AnyKey make_text_key(const Description& about, std::string_view type, std::string range,
                     std::shared_ptr<KeyKind> kind) {
    AnyKey key = make_key(about, type, std::move(range), std::move(kind));
    key.keeps_text = true;
    return key;
}

}  // namespace

namespace any {

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

AnyKey day_range(const Description& about, Slot<DayPair> slot) {
    return make_key(about, "two dates", "such as [\"1990-01-01\", \"2030-12-31\"]",
                    std::make_shared<DayRangeKind>(slot));
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

}  // namespace any

}  // namespace clv::kinds
