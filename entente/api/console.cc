#include "entente/api/console.h"

#include <memory>
#include <utility>

#include "entente/api/page.h"
#include "entente/base/check.h"

namespace entente::api {
namespace {

using http::Access;
using http::Method;
using http::RequestContext;
using http::Responder;
using http::Response;

constexpr std::size_t kTokenBytesMax = 100;

struct Console {
  Services services;
  LoginBook& logins;
  const Catalogue& catalogue;

  Page PageFor(const RequestContext& context) const {
    return {services, logins, catalogue, context};
  }
};
using ConsolePointer = std::shared_ptr<const Console>;

// A posted form of this session. Errors: kNotPermitted for the form of another page or session.
class Form {
 public:
  static Result<Form> Read(const Console& console, const RequestContext& context) {
    ENTENTE_ASSIGN(http::Parameters fields, http::ParseParameters(AsText(context.request.body)));
    Form form(std::move(fields));
    ENTENTE_TRY(console.logins.CheckForm(context, form.Field("form")));
    return form;
  }
  explicit Form(http::Parameters fields) : fields_(std::move(fields)) {}

  std::string Field(std::string_view name) const {
    for (const auto& [key, value] : fields_) {
      if (key == name) {
        return value;
      }
    }
    return "";
  }

 private:
  http::Parameters fields_;
};

Response LoginPage(const Page& page, int status, std::string_view note_key,
                   const std::string& token) {
  Html body = Tag("p", {{"class", "note"}}, page.Say(note_key));
  if (!token.empty()) {
    const Html field = Tag("input", {{"type", "hidden"}, {"name", "token"}, {"value", token}});
    const Html button =
        Tag("button", {{"type", "submit"}, {"class", "primary"}}, page.Say("console.login"));
    body = Tag("p", page.Say("console.login_once")) +
           Tag("form", {{"method", "post"}, {"action", "/login"}}, field + button);
  }
  return page.Render(status, page.Say("console.login"), body);
}

// Looking at the link does not use it up: previews and scanners of links only look.
Response ShowLogin(const Console& console, const RequestContext& context) {
  const std::string token(context.request.FindQuery("token").value_or(""));
  return LoginPage(console.PageFor(context), 200, "console.login_hint",
                   token.size() > kTokenBytesMax ? "" : token);
}

Response LogIn(const Console& console, const RequestContext& context) {
  const auto fields = http::ParseParameters(AsText(context.request.body));
  const auto session = console.logins.Redeem(fields ? Form(*fields).Field("token") : std::string());
  if (!session) {
    return LoginPage(console.PageFor(context), http::StatusFor(session.error().code),
                     "console.login_failed", "");
  }
  auto response = http::Redirect("/");
  const auto cookie =
      http::FormatCookie(console.logins.cookie_name(), *session, /*is_secure=*/false, kSessionAge);
  ENTENTE_CHECK(response && cookie && response->headers.Add("set-cookie", *cookie));
  return *response;
}

Result<Response> LogOut(const Console& console, const RequestContext& context) {
  ENTENTE_TRY(Form::Read(console, context));
  console.logins.SignOut(context);
  ENTENTE_ASSIGN(Response response, http::Redirect("/login"));
  ENTENTE_ASSIGN(const std::string cookie, http::FormatCookie(console.logins.cookie_name(), "",
                                                              false, std::chrono::seconds{0}));
  ENTENTE_TRY(response.headers.Add("set-cookie", cookie));
  return response;
}

// Back to the page of what was acted on, or the refusal with its article.
Response AfterSubmission(const Page& page, const PeerId& peer, const std::string& address,
                         const Result<exchange::Submission>& submission) {
  if (!submission) {
    return page.RenderError(submission.error());
  }
  if (!submission->decision.is_permitted()) {
    return page.RenderRefusal(peer, submission->decision);
  }
  const auto response = http::Redirect(address);
  return response ? *response : page.RenderError(response.error());
}

using DocumentAction = Result<exchange::Submission> (*)(const Console&, const PeerId&,
                                                        const documents::DocumentId&, const Form&,
                                                        const std::string& actor);

Result<exchange::Submission> Propose(const Console& console, const PeerId& peer,
                                     const documents::DocumentId& id, const Form& /*form*/,
                                     const std::string& actor) {
  return console.services.documents.Propose(peer, id, actor);
}

Result<exchange::Submission> Sign(const Console& console, const PeerId& peer,
                                  const documents::DocumentId& id, const Form& form,
                                  const std::string& actor) {
  if (form.Field("confirm") != "yes") {
    return Error{ErrorCode::kInvalidInput, "confirm that the text is to be signed"};
  }
  return console.services.documents.Sign(peer, id, form.Field("signatory"), actor);
}

Result<exchange::Submission> Publish(const Console& console, const PeerId& peer,
                                     const documents::DocumentId& id, const Form& /*form*/,
                                     const std::string& actor) {
  return console.services.documents.Publish(peer, id, actor);
}

Result<Response> ActOnDocument(const Console& console, const RequestContext& context,
                               DocumentAction action) {
  ENTENTE_ASSIGN(const Form form, Form::Read(console, context));
  ENTENTE_ASSIGN(const PeerId peer, FindPeer(console.services, context.PathParameter("peer")));
  ENTENTE_ASSIGN(const documents::DocumentView view,
                 FindDocument(console.services, peer, context.PathParameter("id")));
  return AfterSubmission(console.PageFor(context), peer, DocumentAddress(peer, view.id),
                         action(console, peer, view.id, form, context.person));
}

Result<Response> Decline(const Console& console, const RequestContext& context) {
  ENTENTE_TRY(Form::Read(console, context));
  ENTENTE_ASSIGN(const PeerId peer, FindPeer(console.services, context.PathParameter("peer")));
  ENTENTE_ASSIGN(const matching::RoundView view,
                 FindRound(console.services, peer, context.PathParameter("id")));
  return AfterSubmission(console.PageFor(context), peer, RoundAddress(peer, view.row.offer),
                         console.services.matching.Decline(peer, view.row.offer, context.person));
}

// Answers `responder` when the match set is built and the act is submitted.
Status Accept(const ConsolePointer& console, const RequestContext& context,
              const std::shared_ptr<Responder>& responder) {
  ENTENTE_ASSIGN(const Form form, Form::Read(*console, context));
  ENTENTE_ASSIGN(const PeerId peer, FindPeer(console->services, context.PathParameter("peer")));
  ENTENTE_ASSIGN(const matching::RoundView view,
                 FindRound(console->services, peer, context.PathParameter("id")));
  const std::string collection = form.Field("collection");
  ENTENTE_TRY(store::ValidateCollectionName(collection));
  console->services.matching.Accept(
      peer, view.row.offer, collection, context.person,
      [console, context, peer, responder,
       offer = view.row.offer](const Result<exchange::Submission>& submission) {
        (*responder)(AfterSubmission(console->PageFor(context), peer, RoundAddress(peer, offer),
                                     submission));
      });
  return {};
}

void AddPage(http::Router& router, const ConsolePointer& console, std::string_view pattern,
             Result<Response> (*show)(const Page&)) {
  router.Add(Method::kGet, pattern, Access::kSession,
             [console, show](const RequestContext& context, Responder responder) {
               const Page page = console->PageFor(context);
               auto response = show(page);
               responder(response ? *std::move(response) : page.RenderError(response.error()));
             });
}

template <typename Action>
void AddAction(http::Router& router, const ConsolePointer& console, std::string_view pattern,
               Action action) {
  router.Add(Method::kPost, pattern, Access::kSession,
             [console, action](const RequestContext& context, Responder responder) {
               auto response = action(*console, context);
               responder(response ? *std::move(response)
                                  : console->PageFor(context).RenderError(response.error()));
             });
}

void AddLogin(http::Router& router, const ConsolePointer& console) {
  router.Add(Method::kGet, "/login", Access::kPublic,
             [console](const RequestContext& context, Responder responder) {
               responder(ShowLogin(*console, context));
             });
  router.Add(Method::kPost, "/login", Access::kPublic,
             [console](const RequestContext& context, Responder responder) {
               responder(LogIn(*console, context));
             });
  router.Add(Method::kGet, "/static/console.css", Access::kPublic,
             [](const RequestContext& /*context*/, Responder responder) {
               Response response = http::Text(200, kConsoleStyle);
               ENTENTE_CHECK(response.headers.Set("content-type", "text/css; charset=utf-8"));
               responder(std::move(response));
             });
  router.SetSessionRefusal([console](const RequestContext& context, const Error& error) {
    return LoginPage(console->PageFor(context), http::StatusFor(error.code), "console.login_hint",
                     "");
  });
}

}  // namespace

void AddConsoleRoutes(http::Router& router, const Services& services, LoginBook& logins,
                      const Catalogue& catalogue) {
  const auto console = std::make_shared<const Console>(Console{services, logins, catalogue});
  AddLogin(router, console);
  AddAction(router, console, "/logout", &LogOut);
  AddPage(router, console, "/", &HomePage);
  AddPage(router, console, "/documents", &DocumentsPage);
  AddPage(router, console, "/documents/{peer}/{id}", &DocumentPage);
  AddPage(router, console, "/rounds", &RoundsPage);
  AddPage(router, console, "/rounds/{peer}/{id}", &RoundPage);
  AddPage(router, console, "/collections", &CollectionsPage);
  AddPage(router, console, "/ledger/{peer}", &LedgerPage);
  AddPage(router, console, "/evidence/{peer}", &EvidencePage);
  const auto add_document_action = [&](const std::string& verb, DocumentAction action) {
    AddAction(router, console, "/documents/{peer}/{id}/" + verb,
              [action](const Console& in, const RequestContext& context) {
                return ActOnDocument(in, context, action);
              });
  };
  add_document_action("propose", &Propose);
  add_document_action("sign", &Sign);
  add_document_action("publish", &Publish);
  AddAction(router, console, "/rounds/{peer}/{id}/decline", &Decline);
  router.Add(Method::kPost, "/rounds/{peer}/{id}/accept", Access::kSession,
             [console](const RequestContext& context, Responder responder) {
               const auto later = std::make_shared<Responder>(std::move(responder));
               if (const Status status = Accept(console, context, later); !status) {
                 (*later)(console->PageFor(context).RenderError(status.error()));
               }
             });
}

}  // namespace entente::api
