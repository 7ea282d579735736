#include "entente/wire/json.h"

#include <algorithm>
#include <set>
#include <utility>

#include "entente/base/check.h"
#include "entente/base/utf8.h"

namespace entente::wire {
namespace {

constexpr std::int64_t kIntegerMax = (std::int64_t{1} << 53U) - 1;

// Whether an error may repeat a member's name.
enum class Names { kShown, kKept };

// Builds the value and refuses what the library would accept: duplicate keys, floats, depth.
class StrictBuilder final : public nlohmann::json_sax<Json> {
 public:
  StrictBuilder(Names names, std::size_t values_max) : names_(names), values_left_(values_max) {}

  bool null() override { return Put(Json(nullptr)); }
  bool boolean(bool value) override { return Put(Json(value)); }
  bool number_integer(number_integer_t value) override {
    return value < -kIntegerMax ? Fail("an integer is out of range") : Put(Json(value));
  }
  bool number_unsigned(number_unsigned_t value) override {
    return value > static_cast<number_unsigned_t>(kIntegerMax)
               ? Fail("an integer is out of range")
               : Put(Json(static_cast<std::int64_t>(value)));
  }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override {
    return Fail("numbers must be integers");
  }
  bool string(string_t& value) override { return Put(Json(std::move(value))); }
  bool binary(binary_t& /*value*/) override { return Fail("binary is not JSON"); }
  bool start_object(std::size_t /*size*/) override { return Open(Json::object()); }
  bool key(string_t& name) override {
    if (!std::all_of(name.begin(), name.end(), [](char c) { return c >= 0x20 && c < 0x7F; })) {
      return Fail("member names must be printable ASCII");
    }
    if (open_.back().contains(name)) {
      return Fail(names_ == Names::kShown ? "member \"" + OneLine(name, 60) + "\" appears twice"
                                          : "a member appears twice");
    }
    keys_.back() = std::move(name);
    return true;
  }
  bool end_object() override { return Close(); }
  bool start_array(std::size_t /*size*/) override { return Open(Json::array()); }
  bool end_array() override { return Close(); }
  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    return Fail("not JSON at byte " + std::to_string(position));
  }

  Json& value() { return root_; }
  const std::string& failure() const { return failure_; }
  bool is_too_deep() const { return is_too_deep_; }

 private:
  bool Fail(std::string why) {
    if (failure_.empty()) {
      failure_ = std::move(why);
    }
    return false;
  }
  // Counted where a value begins, so that what is over the limit is never built.
  bool Count() { return values_left_-- > 0 || Fail("more values than its schema has"); }
  bool Open(Json container) {
    if (open_.size() == kJsonDepthMax) {
      is_too_deep_ = true;
      return Fail("nested deeper than " + std::to_string(kJsonDepthMax) + " levels");
    }
    open_.push_back(std::move(container));
    keys_.emplace_back();
    return Count();
  }
  bool Close() {
    Json done = std::move(open_.back());
    open_.pop_back();
    keys_.pop_back();
    Place(std::move(done));
    return true;
  }
  bool Put(Json value) {
    Place(std::move(value));
    return Count();
  }
  void Place(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().is_object()) {
      open_.back()[keys_.back()] = std::move(value);
    } else {
      open_.back().push_back(std::move(value));
    }
  }

  Names names_;
  std::size_t values_left_;
  Json root_;
  std::vector<Json> open_;
  std::vector<std::string> keys_;
  std::string failure_;
  bool is_too_deep_ = false;
};

Result<Json> Parse(std::string_view text, Names names, std::size_t values_max) {
  if (text.size() > kJsonBytesMax) {
    return Error{ErrorCode::kLimitExceeded,
                 "JSON is larger than " + std::to_string(kJsonBytesMax) + " bytes"};
  }
  if (const auto at = FirstInvalidUtf8(text)) {
    return Error{ErrorCode::kInvalidInput, "JSON is not UTF-8 at byte " + std::to_string(*at)};
  }
  StrictBuilder builder(names, values_max);
  if (!Json::sax_parse(text, &builder, nlohmann::detail::input_format_t::json, /*strict=*/true)) {
    return Error{builder.is_too_deep() ? ErrorCode::kLimitExceeded : ErrorCode::kInvalidInput,
                 builder.failure().empty() ? "not JSON" : builder.failure()};
  }
  return std::move(builder.value());
}

// "a, b"; "none" for no name.
std::string List(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    out += (out.empty() ? "" : ", ") + name;
  }
  return out.empty() ? "none" : out;
}

}  // namespace

Result<Json> ParseJson(std::string_view text) { return Parse(text, Names::kShown, kJsonBytesMax); }

Result<Json> ParseCanonicalJson(std::string_view text, std::size_t values_max) {
  ENTENTE_ASSIGN(Json value, Parse(text, Names::kKept, values_max));
  if (WriteCanonicalJson(value) != text) {
    return Error{ErrorCode::kInvalidInput,
                 "JSON is not canonical (RFC 8785): sort the members and drop white space"};
  }
  return value;
}

std::string WriteCanonicalJson(const Json& value) {
  // The library sorts keys, writes integers plainly and escapes exactly what RFC 8785 §3.2.2.2
  // asks for, except DEL, which both leave as it is.
  return value.dump(-1, ' ', false, Json::error_handler_t::strict);
}

JsonReader::JsonReader(const Json& json, std::string path) : json_(json), path_(std::move(path)) {}

Error JsonReader::Bad(std::string_view member, std::string_view why) const {
  return {ErrorCode::kInvalidInput, path_ + "." + std::string(member) + " " + std::string(why)};
}

void JsonReader::Know(std::string_view member) {
  if (std::find(known_.begin(), known_.end(), member) == known_.end()) {
    known_.emplace_back(member);
  }
}

bool JsonReader::Has(std::string_view member) {
  Know(member);
  return json_.is_object() && json_.contains(std::string(member));
}

Result<const Json*> JsonReader::Member(std::string_view member) {
  if (!json_.is_object()) {
    return Error{ErrorCode::kInvalidInput, path_ + " is not an object"};
  }
  Know(member);
  const auto found = json_.find(std::string(member));
  if (found == json_.end()) {
    return Bad(member, "is missing");
  }
  return &*found;
}

Result<std::string> JsonReader::String(std::string_view member, std::size_t size_bytes_max) {
  ENTENTE_ASSIGN(const Json* value, Member(member));
  if (!value->is_string()) {
    return Bad(member, "is not a string");
  }
  const auto& text = value->get_ref<const std::string&>();
  if (text.size() > size_bytes_max) {
    return Bad(member, "is longer than " + std::to_string(size_bytes_max) + " bytes");
  }
  return text;
}

Result<std::string> JsonReader::OptionalString(std::string_view member,
                                               std::size_t size_bytes_max) {
  if (!Has(member)) {
    return std::string();
  }
  return String(member, size_bytes_max);
}

Result<std::int64_t> JsonReader::Integer(std::string_view member, std::int64_t min,
                                         std::int64_t max) {
  ENTENTE_ASSIGN(const Json* value, Member(member));
  if (!value->is_number_integer() || value->get<std::int64_t>() < min ||
      value->get<std::int64_t>() > max) {
    return Bad(member, "is not an integer in " + std::to_string(min) + ".." + std::to_string(max));
  }
  return value->get<std::int64_t>();
}

Result<bool> JsonReader::Boolean(std::string_view member) {
  ENTENTE_ASSIGN(const Json* value, Member(member));
  if (!value->is_boolean()) {
    return Bad(member, "is not true or false");
  }
  return value->get<bool>();
}

Result<Bytes> JsonReader::Base64(std::string_view member, std::size_t size_bytes_max) {
  ENTENTE_ASSIGN(const std::string text, String(member, (size_bytes_max + 2) / 3 * 4));
  auto bytes = Base64Decode(text);
  if (!bytes) {
    return Bad(member, "is not strict base64");
  }
  if (bytes->size() > size_bytes_max) {
    return Bad(member, "is longer than " + std::to_string(size_bytes_max) + " bytes");
  }
  return bytes;
}

Result<std::vector<std::string>> JsonReader::Strings(std::string_view member,
                                                     std::size_t count_max) {
  ENTENTE_ASSIGN(const Json* array, Array(member, count_max));
  std::vector<std::string> out;
  for (const Json& item : *array) {
    if (!item.is_string()) {
      return Bad(member, "is not a list of strings");
    }
    out.push_back(item.get<std::string>());
  }
  return out;
}

Result<const Json*> JsonReader::Object(std::string_view member) {
  ENTENTE_ASSIGN(const Json* value, Member(member));
  if (!value->is_object()) {
    return Bad(member, "is not an object");
  }
  return value;
}

Result<const Json*> JsonReader::Array(std::string_view member, std::size_t count_max) {
  ENTENTE_ASSIGN(const Json* value, Member(member));
  if (!value->is_array() || value->size() > count_max) {
    return Bad(member, "is not a list of at most " + std::to_string(count_max) + " items");
  }
  return value;
}

Status JsonReader::Finish() const {
  if (!json_.is_object()) {
    return Error{ErrorCode::kInvalidInput, path_ + " is not an object"};
  }
  for (const auto& [name, value] : json_.items()) {
    if (std::find(known_.begin(), known_.end(), name) == known_.end()) {
      return Error{ErrorCode::kInvalidInput,
                   path_ + " has an unknown member; it may have: " + List(known_)};
    }
  }
  return {};
}

}  // namespace entente::wire
