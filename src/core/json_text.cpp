#include "clv/core/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/core/input_text.hpp"

namespace clv {

namespace {

using nlohmann::ordered_json;

template <class Json>
std::string text_of(const Json& value, int indent) {
    return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

/// Puts a document together from what a parser finds, and stops at what makes it none.
class DocumentBuilder final : public nlohmann::json_sax<ordered_json> {
  public:
    explicit DocumentBuilder(std::string_view text) : text_(text) {}

    [[nodiscard]] ordered_json document() && { return std::move(document_); }

    bool null() override { return add(nullptr); }
    bool boolean(bool value) override { return add(value); }
    bool number_integer(number_integer_t value) override { return add(value); }
    bool number_unsigned(number_unsigned_t value) override { return add(value); }
    bool number_float(number_float_t value, const string_t& /*text*/) override { return add(value); }
    bool string(string_t& value) override { return add(std::move(value)); }
    bool binary(binary_t& value) override { return add(std::move(value)); }  // which JSON has none of

    bool start_array(std::size_t /*size*/) override { return open(ordered_json::array()); }
    bool end_array() override { return close(); }
    bool start_object(std::size_t /*size*/) override { return open(ordered_json::object()); }
    bool key(string_t& name) override {
        members_of(*open_.back()).emplace_back(std::move(name), nullptr);
        return true;
    }
    bool end_object() override {
        require_distinct(members_of(*open_.back()));
        return close();
    }
    bool parse_error(std::size_t position, const std::string& /*token*/,
                     const ordered_json::exception& fault) override {
        const bool is_syntax = dynamic_cast<const ordered_json::parse_error*>(&fault) != nullptr;
        throw InputError(fmt::format("it is no JSON{} ({})",
                                     is_syntax ? "" : " that can be read: a number is out of range",
                                     place_in_text(text_, position == 0 ? 0 : position - 1)));
    }

  private:
    using Object = ordered_json::object_t;

    static Object& members_of(ordered_json& object) { return object.get_ref<Object&>(); }

    template <class Value>
    ordered_json& put(Value&& value) {
        if (open_.empty()) {
            return document_ = std::forward<Value>(value);
        }
        ordered_json& outer = *open_.back();
        if (outer.is_array()) {
            return outer.emplace_back(std::forward<Value>(value));
        }
        return members_of(outer).back().second = std::forward<Value>(value);
    }
    template <class Value>
    bool add(Value&& value) {
        put(std::forward<Value>(value));
        return true;
    }
    bool open(ordered_json empty) {
        open_.push_back(&put(std::move(empty)));
        return true;
    }
    bool close() {
        open_.pop_back();
        return true;
    }

    /// Once an object is whole: a look for every name as it comes would take as many steps as there are names.
    void require_distinct(const Object& members) {
        names_.clear();
        for (const auto& [name, value] : members) {
            names_.emplace_back(name);
        }
        std::ranges::sort(names_);
        if (const auto twice = std::ranges::adjacent_find(names_); twice != names_.end()) {
            constexpr std::size_t longest = 200;
            const std::string place = place_of(*twice).substr(0, longest);
            throw InputError(fmt::format("member {} stands there twice", json_text(ordered_json(place))));
        }
    }

    /// Of a member of the innermost object: "segments[0].alpha".
    [[nodiscard]] std::string place_of(std::string_view member) const {
        std::string place;
        for (std::size_t i = 0; i + 1 < open_.size(); ++i) {
            ordered_json& outer = *open_[i];
            place += outer.is_array() ? fmt::format("[{}]", outer.size() - 1)
                                      : fmt::format("{}{}", place.empty() ? "" : ".", members_of(outer).back().first);
        }
        return fmt::format("{}{}{}", place, place.empty() ? "" : ".", member);
    }

    std::string_view text_;
    ordered_json document_;
    std::vector<ordered_json*> open_;      ///< lists and objects, the innermost last
    std::vector<std::string_view> names_;  ///< of an object; a member for its memory
};

}  // namespace

std::string json_text(const nlohmann::json& value, int indent) {
    return text_of(value, indent);
}

std::string json_text(const nlohmann::ordered_json& value, int indent) {
    return text_of(value, indent);
}

nlohmann::ordered_json parse_document(std::string_view text) {
    if (nests_too_deep(text)) {
        throw InputError(fmt::format("its lists and objects stand in each other more than {} deep", deepest_nesting));
    }
    DocumentBuilder builder(text);
    ordered_json::sax_parse(text, &builder);
    return std::move(builder).document();
}

}  // namespace clv
