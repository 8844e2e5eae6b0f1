#include "key_kinds.hpp"

#include <fmt/format.h>

#include "clv/core/json_text.hpp"
#include "clv/data/tables/fault.hpp"
#include "slot_kind.hpp"

namespace clv {

namespace kinds {

std::string with_unit(const std::string& text, std::string_view unit) {
    return unit.empty() ? text : fmt::format("{} ({})", text, unit);
}

ValueFault wrong_type(const nlohmann::json& value, const std::string& expected, const std::string& part) {
    return {part, fmt::format("must be {}, not {}", expected, describe(value)), "give " + expected};
}

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

namespace {

class ReadElsewhereKind final : public KeyKind {
  public:
    void store(void* /*owner*/, const nlohmann::json& /*value*/) const override {}
    [[nodiscard]] nlohmann::json load(const void* /*owner*/) const override { return {}; }
};

}  // namespace

AnyKey any::read_elsewhere(const Description& about, std::string_view type) {
    return make_key(about, type, "", std::make_shared<ReadElsewhereKind>());
}

}  // namespace kinds

std::string describe(const nlohmann::json& value) {
    switch (value.type()) {
        case nlohmann::json::value_t::string:
            return fmt::format("the text \"{}\"", shortened(value.get_ref<const std::string&>()));
        case nlohmann::json::value_t::array:
            return "a list";
        case nlohmann::json::value_t::object:
            return "a table";
        case nlohmann::json::value_t::number_float:
            return fmt::format("the number {}", value.get<double>());
        default:
            return shortened(json_text(value));
    }
}

}  // namespace clv
