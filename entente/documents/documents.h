// Documents between two authorities: drafted, proposed, co-signed by named signatories, published.
//
//   draft (local) → document.propose → document.sign by each party → co-signed
//     → with terms: in force between valid_from and valid_until
//     → document.publish by each side: published once both have agreed
//
// A signature is a DSSE signature of the node's message key over the document bytes (type
// act::kDocumentType), given for a signatory whom the document names: two of them make an envelope
// that an outsider verifies without a node. State is a projection of accepted acts (table
// "documents"). Sans-I/O. Threads: the node's owner thread.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "entente/agreement/document.h"
#include "entente/exchange/exchange.h"
#include "entente/exchange/interfaces.h"

namespace entente::documents {

using agreement::DocumentId;

enum class DocumentState { kDraft, kProposed, kCoSigned, kInForce, kExpired, kPublished };
std::string_view StateName(DocumentState state);  // "draft", "proposed", "co-signed", "in-force", …

struct DocumentSignature {
  std::string country;
  std::string signatory;
  crypto::PublicKey key;  // the message key of that party's card
  crypto::Signature signature;
  act::ActId act;  // by which it crossed
};

struct DocumentView {
  DocumentId id;
  Bytes bytes;
  agreement::Document document;
  bool is_proposed = false;
  std::vector<DocumentSignature> signatures;
  std::set<std::string> published_by;  // countries of the sides that agreed to its publication

  bool IsCoSigned() const;   // every signatory it names has signed
  bool IsPublished() const;  // both sides have agreed to its publication
  DocumentState StateAt(UtcTime now) const;
};

class Documents final : public exchange::ActHandler, public exchange::AgreementSource {
 public:
  // `exchange` must outlive the object. `scheme` and its digest complete matching terms.
  Documents(exchange::Exchange& exchange, std::string scheme, const crypto::Digest& scheme_digest);

  // Completes a template with both cards and keeps it as a draft. Idempotent.
  // Errors: kInvalidInput saying what the drafter must mend; kNotFound for an unknown peer.
  Result<DocumentId> Draft(const PeerId& peer, std::string_view template_json);

  // Each sends one act. Errors: kNotFound; kConflict for the wrong state (already proposed, already
  // signed by that signatory, not co-signed yet, publication already agreed to); kInvalidInput for
  // a signatory the document does not name, or a proposal that has expired; kNotPermitted for
  // signing an expired document.
  Result<exchange::Submission> Propose(const PeerId& peer, const DocumentId& id, std::string actor);
  Result<exchange::Submission> Sign(const PeerId& peer, const DocumentId& id,
                                    const std::string& signatory, std::string actor);
  Result<exchange::Submission> Publish(const PeerId& peer, const DocumentId& id, std::string actor);

  Result<std::vector<DocumentView>> List(const PeerId& peer) const;
  Result<DocumentView> Get(const PeerId& peer, const DocumentId& id) const;
  // The agreement in force with the highest tier, if any.
  Result<std::optional<agreement::AgreementInForce>> BestInForce(const PeerId& peer) const;

  // Does this node still have the card that its signed documents pin? Errors: kConflict naming the
  // document, if one that somebody has signed pins another.
  Status CheckOwnCard() const;

  // exchange::AgreementSource
  Result<std::optional<agreement::AgreementInForce>> FindInForce(
      const store::Reader& reader, const PeerId& peer, const DocumentId& id) const override;

  // exchange::ActHandler
  Status Check(const store::Reader& reader, const PeerId& peer, const act::Act& act,
               store::Direction direction) const override;
  Status Apply(store::Transaction& transaction, const PeerId& peer, const act::Act& act,
               const act::ActId& id, store::Direction direction) override;
  Status ApplyAnswer(store::Transaction& transaction, const PeerId& peer, const act::Act& own,
                     const act::ActId& id, const act::Answer& answer) override;
  void OnCommitted(const PeerId& peer, const act::Act& act, const act::ActId& id,
                   store::Direction direction) override;

 private:
  struct Signing;
  Status CheckProposal(const store::Reader& reader, const PeerId& peer, const act::Act& act,
                       store::Direction direction) const;
  Status CheckSigning(const store::Reader& reader, const PeerId& peer, const act::Act& act,
                      store::Direction direction) const;
  Result<act::Card> SignerCard(const store::Reader& reader, const PeerId& peer,
                               store::Direction direction) const;

  exchange::Exchange& exchange_;
  std::string scheme_;
  crypto::Digest scheme_digest_;
};

// The co-signed document as one DSSE envelope that any DSSE verifier checks.
Bytes CoSignedEnvelope(const DocumentView& view);

}  // namespace entente::documents
