// Documents between two authorities: drafted, proposed, co-signed by named signatories, published.
//
//   draft (local) → document.propose → document.sign by each party → co-signed
//     → with terms: in force between valid_from and valid_until
//     → document.publish by each side: published once both have agreed
//
// A signature is a DSSE signature of the node's message key over the document bytes (type
// act::kDocumentType), given for a signatory whom the document names: two of them make an envelope
// that an outsider verifies without a node. State is a projection of accepted acts: table
// "documents" holds the head of each (a few KiB), "document_texts" its bytes, read one at a time.
// Limits: kDocumentsMax documents a peer relation; kOpenProposalsMax proposals of each side that
// are not co-signed. Sans-I/O. Threads: the node's owner thread.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "entente/agreement/document.h"
#include "entente/exchange/exchange.h"
#include "entente/exchange/interfaces.h"

namespace entente::documents {

using agreement::DocumentId;

inline constexpr std::size_t kDocumentsMax = 4096;
// So many proposals of one side may wait for signatures, of the last 30 days: at most 16 MiB.
inline constexpr std::size_t kOpenProposalsMax = 32;
inline constexpr std::chrono::hours kOpenProposalsWindow{30 * 24};

enum class DocumentState { kDraft, kProposed, kCoSigned, kInForce, kExpired, kPublished };
std::string_view StateName(DocumentState state);  // "draft", "proposed", "co-signed", "in-force", …

struct DocumentSignature {
  std::string country;
  std::string signatory;
  crypto::PublicKey key;  // the message key of that party's card
  crypto::Signature signature;
  act::ActId act;  // by which it crossed
};

// Who must sign, or has: one person of one party.
struct NamedSignatory {
  std::string country;
  std::string name;
  bool operator==(const NamedSignatory&) const = default;
};

// What there is to say of a document without its articles.
struct DocumentHead {
  struct Validity {  // of its terms
    act::Tier tier;
    UtcTime from;
    UtcTime until;
  };
  struct Proposal {
    std::string country;  // the party that proposed it
    UtcTime time;         // by our clock
  };

  DocumentId id;
  agreement::DocumentType type = agreement::DocumentType::kMinutes;
  agreement::LocalText title;
  std::map<std::string, act::CardFingerprint> parties;  // by country
  std::vector<NamedSignatory> signatories;
  std::optional<Validity> validity;
  std::optional<Proposal> proposal;
  std::vector<DocumentSignature> signatures;
  std::set<std::string> published_by;  // countries of the sides that agreed to its publication

  bool IsProposed() const { return proposal.has_value(); }
  bool IsSignedBy(const NamedSignatory& signatory) const;
  bool IsCoSigned() const;   // every signatory it names has signed
  bool IsPublished() const;  // both sides have agreed to its publication
  DocumentState StateAt(UtcTime now) const;
  // Whom of `country` a proposed document still waits for.
  std::vector<NamedSignatory> OpenSignatories(const std::string& country) const;
};

struct DocumentView : DocumentHead {
  Bytes bytes;
  agreement::Document document;
};

class Documents final : public exchange::ActHandler, public exchange::AgreementSource {
 public:
  // `exchange` must outlive the object. `scheme` and its digest complete matching terms.
  Documents(exchange::Exchange& exchange, std::string scheme, const crypto::Digest& scheme_digest);

  // Completes a template with both cards and keeps it as a draft. Idempotent.
  // Errors: kInvalidInput saying what the drafter must mend; kNotFound for an unknown peer;
  // kLimitExceeded at kDocumentsMax.
  Result<DocumentId> Draft(const PeerId& peer, std::string_view template_json);

  // Each sends one act. Errors: kNotFound; kConflict for the wrong state (already proposed, already
  // signed by that signatory, not co-signed yet, publication already agreed to); kInvalidInput for
  // a signatory the document does not name, or a proposal that has expired; kNotPermitted for
  // signing an expired document; kLimitExceeded for a proposal at kOpenProposalsMax.
  Result<exchange::Submission> Propose(const PeerId& peer, const DocumentId& id, std::string actor);
  Result<exchange::Submission> Sign(const PeerId& peer, const DocumentId& id,
                                    const std::string& signatory, std::string actor);
  Result<exchange::Submission> Publish(const PeerId& peer, const DocumentId& id, std::string actor);

  Result<std::vector<DocumentHead>> List(const PeerId& peer) const;
  // Errors, of both: kNotFound.
  Result<DocumentView> Get(const PeerId& peer, const DocumentId& id) const;
  Result<DocumentHead> GetHead(const PeerId& peer, const DocumentId& id) const;
  // The agreement in force with the highest tier, if any.
  Result<std::optional<agreement::AgreementInForce>> BestInForce(const PeerId& peer) const;

  // Does this node still have the card that its signed documents pin? Errors: kConflict naming the
  // document, if one that somebody has signed pins another.
  Status CheckOwnCard() const;

  // exchange::AgreementSource
  Result<std::shared_ptr<const agreement::AgreementInForce>> FindInForce(
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

  // An agreement as it was decoded from a head of these bytes and a text that never changes.
  struct InForce {
    Bytes head;
    std::shared_ptr<const agreement::AgreementInForce> agreement;
  };

  exchange::Exchange& exchange_;
  mutable std::map<std::pair<PeerId, DocumentId>, InForce> in_force_;
  std::string scheme_;
  crypto::Digest scheme_digest_;
};

// The co-signed document as one DSSE envelope that any DSSE verifier checks.
Bytes CoSignedEnvelope(const DocumentView& view);

}  // namespace entente::documents
