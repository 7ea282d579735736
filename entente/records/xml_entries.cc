#include "entente/records/xml_entries.h"

#include <algorithm>
#include <deque>

#include <libxml/parser.h>
#include <libxml/xmlerror.h>

#include "entente/base/utf8.h"
#include "entente/records/entry_reader.h"
#include "entente/records/text.h"

namespace entente::records {
namespace {

#if LIBXML_VERSION >= 21200
using ErrorPointer = const xmlError*;
#else
using ErrorPointer = xmlErrorPtr;
#endif

std::string_view View(const xmlChar* text) { return reinterpret_cast<const char*>(text); }

std::string_view View(const xmlChar* begin, const xmlChar* end) {
  return {reinterpret_cast<const char*>(begin), static_cast<std::size_t>(end - begin)};
}

std::uint64_t Position(int value) { return static_cast<std::uint64_t>(std::max(value, 1)); }

void AppendEscaped(std::string& to, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        to += "&amp;";
        break;
      case '<':
        to += "&lt;";
        break;
      case '"':
        to += "&quot;";
        break;
      default:
        to.push_back(c);
    }
  }
}

void Append(std::string& to, const XmlElement& element) {
  to += "<" + element.name;
  for (const auto& [name, value] : element.attributes) {
    to += " " + name + "=\"";
    AppendEscaped(to, value);
    to += "\"";
  }
  to += ">";
  AppendEscaped(to, Trim(element.text));
  for (const XmlElement& child : element.children) {
    Append(to, child);
  }
  to += "</" + element.name + ">";
}

}  // namespace

std::string_view XmlElement::Attribute(std::string_view attribute) const {
  for (const auto& [key, value] : attributes) {
    if (key == attribute) {
      return value;
    }
  }
  return "";
}

std::string_view XmlElement::ChildText(std::string_view child) const {
  for (const XmlElement& element : children) {
    if (element.name == child) {
      return Trim(element.text);
    }
  }
  return "";
}

std::string WriteXml(const XmlElement& element) {
  std::string text;
  Append(text, element);
  return text;
}

// Owns libxml2's context; the static functions are its callbacks.
class XmlEntries::Parser {
 public:
  Parser(Intake& intake, std::string_view root_name, std::vector<std::string_view> entry_names)
      : intake_(intake), root_name_(root_name), entry_names_(std::move(entry_names)) {
    xmlSAXHandler handler{};
    handler.initialized = XML_SAX2_MAGIC;
    handler.startElementNs = &OnStart;
    handler.endElementNs = &OnEnd;
    handler.characters = &OnText;
    handler.cdataBlock = &OnText;
    handler.internalSubset = &OnDoctype;
    handler.serror = &OnError;
    context_ = xmlCreatePushParserCtxt(&handler, this, nullptr, 0, nullptr);
    if (context_ != nullptr) {
      xmlCtxtUseOptions(context_, XML_PARSE_NONET);
    }
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;
  ~Parser() { xmlFreeParserCtxt(context_); }

  Result<std::optional<XmlElement>> Next() {
    if (context_ == nullptr) {
      return Error{ErrorCode::kUnavailable, intake_.name() + ": no memory to read XML"};
    }
    while (done_.empty()) {
      if (failure_) {
        return FatalAt(ErrorCode::kInvalidInput, intake_.name(), *failure_);
      }
      if (is_at_end_) {
        return std::optional<XmlElement>();
      }
      ENTENTE_TRY(ParseMore());
    }
    XmlElement entry = std::move(done_.front());
    done_.pop_front();
    return std::optional<XmlElement>(std::move(entry));
  }

 private:
  // Small, so that few entries wait at a time.
  static constexpr std::size_t kChunkBytes = std::size_t{16} << 10U;

  Status ParseMore() {
    ENTENTE_TRY(intake_.GrowTo(1));
    const std::string_view chunk = intake_.window().substr(0, kChunkBytes);
    is_at_end_ = chunk.empty();
    xmlParseChunk(context_, chunk.data(), static_cast<int>(chunk.size()), is_at_end_ ? 1 : 0);
    intake_.Consume(chunk.size());
    if (context_->wellFormed == 0) {
      Fail("the XML is broken: fetch the list again");
    }
    return {};
  }

  static Parser& Self(void* self) { return *static_cast<Parser*>(self); }

  void Fail(std::string reason) {
    if (!failure_) {
      const bool has_input = context_->input != nullptr;
      failure_ = Fault{Position(has_input ? context_->input->line : 1),
                       Position(has_input ? context_->input->col : 1), std::move(reason)};
      xmlStopParser(context_);
    }
  }

  void Start(std::string_view name, int attribute_count, const xmlChar** attributes) {
    if (++depth_ == 1 && name != root_name_) {
      return Fail("the root element is not " + std::string(root_name_) + ": choose another format");
    }
    if (depth_ > kXmlDepthMax) {
      return Fail("elements are nested deeper than " + std::to_string(kXmlDepthMax) +
                  " levels: this is not such a list");
    }
    if (open_.empty() &&
        std::find(entry_names_.begin(), entry_names_.end(), name) == entry_names_.end()) {
      return;
    }
    if (open_.empty()) {
      entry_bytes_ = 0;
    }
    XmlElement& element = open_.emplace_back();
    element.name = name;
    element.line = Position(context_->input->line);
    element.column = Position(context_->input->col);
    entry_bytes_ += sizeof(XmlElement) + name.size();
    for (int i = 0; i < attribute_count && entry_bytes_ <= kEntryBytesMax; ++i) {
      // Five pointers each: local name, prefix, URI, value, end of value.
      const xmlChar** attribute = attributes + static_cast<std::ptrdiff_t>(5) * i;
      element.attributes.emplace_back(View(attribute[0]), View(attribute[3], attribute[4]));
      entry_bytes_ +=
          element.attributes.back().first.size() + element.attributes.back().second.size();
    }
  }

  void Text(std::string_view text) {
    if (!open_.empty() && entry_bytes_ <= kEntryBytesMax) {
      open_.back().text.append(text);
      entry_bytes_ += text.size();
    }
  }

  void End() {
    --depth_;
    if (open_.empty()) {
      return;
    }
    XmlElement element = std::move(open_.back());
    open_.pop_back();
    if (!open_.empty()) {
      if (entry_bytes_ <= kEntryBytesMax) {
        open_.back().children.push_back(std::move(element));
      }
      return;
    }
    if (entry_bytes_ > kEntryBytesMax) {
      element.attributes.clear();
      element.children.clear();
      element.text.clear();
      element.is_too_large = true;
    }
    done_.push_back(std::move(element));
  }

  static void OnStart(void* self, const xmlChar* name, const xmlChar* /*prefix*/,
                      const xmlChar* /*uri*/, int /*namespace_count*/,
                      const xmlChar** /*namespaces*/, int attribute_count, int /*defaulted_count*/,
                      const xmlChar** attributes) {
    Self(self).Start(View(name), attribute_count, attributes);
  }
  static void OnEnd(void* self, const xmlChar* /*name*/, const xmlChar* /*prefix*/,
                    const xmlChar* /*uri*/) {
    Self(self).End();
  }
  static void OnText(void* self, const xmlChar* text, int size) {
    Self(self).Text(View(text, text + size));
  }
  static void OnDoctype(void* self, const xmlChar* /*name*/, const xmlChar* /*external_id*/,
                        const xmlChar* /*system_id*/) {
    Self(self).Fail("the XML has a DOCTYPE, which lists do not have: fetch the list again");
  }
  static void OnError(void* self, ErrorPointer error) {
    if (error == nullptr || error->level != XML_ERR_FATAL) {
      return;
    }
    const int code = error->code;
    if (code == XML_ERR_INVALID_ENCODING || code == XML_ERR_INVALID_CHAR ||
        code == XML_I18N_CONV_FAILED) {
      return Self(self).Fail(std::string(kNotUtf8));
    }
    if (Self(self).is_at_end_) {
      return Self(self).Fail("the XML ends too early: fetch the list again");
    }
    const std::string_view message = error->message == nullptr ? "" : error->message;
    Self(self).Fail("the XML is broken (" + OneLine(Trim(message)) + "): fetch the list again");
  }

  Intake& intake_;
  std::string_view root_name_;
  std::vector<std::string_view> entry_names_;
  xmlParserCtxtPtr context_ = nullptr;
  std::size_t depth_ = 0;
  std::size_t entry_bytes_ = 0;
  std::vector<XmlElement> open_;  // the path inside the current entry
  std::deque<XmlElement> done_;
  std::optional<Fault> failure_;
  bool is_at_end_ = false;
};

XmlEntries::XmlEntries(Intake& intake, std::string_view root_name,
                       std::vector<std::string_view> entry_names)
    : parser_(std::make_unique<Parser>(intake, root_name, std::move(entry_names))) {}

XmlEntries::~XmlEntries() = default;

Result<std::optional<XmlElement>> XmlEntries::Next() { return parser_->Next(); }

}  // namespace entente::records
