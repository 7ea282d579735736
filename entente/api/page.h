// One page of the console being made: its language, its reader's session, its frame.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "entente/api/catalogue.h"
#include "entente/api/html.h"
#include "entente/api/login_book.h"
#include "entente/api/queries.h"
#include "entente/api/services.h"
#include "entente/http/router.h"

namespace entente::api {

class Page {
 public:
  // All references must outlive the page.
  Page(const Services& services, const LoginBook& logins, const Catalogue& catalogue,
       const http::RequestContext& context);

  const Services& services() const { return services_; }
  const Catalogue& catalogue() const { return catalogue_; }
  const http::RequestContext& context() const { return context_; }
  const std::string& language() const { return language_; }
  const act::Card& own() const { return services_.exchange.identity().card; }

  Html Say(std::string_view key, const Catalogue::Values& values = {}) const;
  // "n" as the place holder of a count.
  Html SayCount(std::string_view key, std::uint64_t n) const;
  // The text of prefix + word, or the word itself: words come from a peer's agreement.
  Html SayWord(std::string_view prefix, std::string_view word) const;
  // A text that exists in several languages, in the reader's if it does, marked with its own.
  Html SayLocal(const agreement::LocalText& text) const;
  Html SayTime(UtcTime time) const;

  // A POST form with the session's token and one button.
  Html Form(const std::string& action, const Html& fields, std::string_view button_key,
            std::string_view button_class = "primary") const;
  // A table with a caption; `column_keys` name texts. Each row is made by Row().
  Html Table(std::string_view caption_key, const std::vector<std::string_view>& column_keys,
             const Html& rows) const;
  // What may be wider than the window scrolls by itself, by keyboard too; `name_key` says what it
  // is.
  Html Scrolled(std::string_view name_key, const Html& table) const;
  static Html Row(const std::vector<Html>& cells);  // the first heads the row
  static Html Pair(const Html& term, const Html& description);
  Html State(std::string_view prefix, std::string_view state) const;
  Html PeerName(const act::Card& card) const;
  // What a node says for its administrator; such messages are English.
  static Html Technical(std::string_view message);

  // The whole document. `is_running` reloads it every three seconds.
  http::Response Render(int status, const Html& title, const Html& body,
                        bool is_running = false) const;
  http::Response RenderError(const Error& error) const;
  // What the policy refused, with the article it cites.
  http::Response RenderRefusal(const PeerId& peer, const agreement::Decision& decision) const;

 private:
  Html Head(const Html& title, bool is_running) const;
  Html Banner() const;
  std::string AddressIn(std::string_view language) const;
  Html Navigation() const;

  const Services& services_;
  const LoginBook& logins_;
  const Catalogue& catalogue_;
  const http::RequestContext& context_;
  std::string language_;
  bool is_language_chosen_ = false;
};

// The pages. Errors: what the node answers; rendered by the caller.
Result<http::Response> HomePage(const Page& page);
Result<http::Response> DocumentsPage(const Page& page);
Result<http::Response> DocumentPage(const Page& page);
Result<http::Response> RoundsPage(const Page& page);
Result<http::Response> RoundPage(const Page& page);
Result<http::Response> CollectionsPage(const Page& page);
Result<http::Response> LedgerPage(const Page& page);
Result<http::Response> EvidencePage(const Page& page);

std::string DocumentAddress(const PeerId& peer, const documents::DocumentId& id);
std::string RoundAddress(const PeerId& peer, const act::ActId& offer);
// True while something happens without anybody's decision.
bool IsRunning(const matching::RoundView& view);
Html ProgressBar(const Page& page, const matching::RoundView& view);

extern const std::string_view kConsoleStyle;

}  // namespace entente::api
