// How documents/ keeps a document: its head as a row of table "documents", its bytes as a row of
// table "document_texts". Internal to documents/.
//
// Errors of every function: kCorruptData for a stored row that does not decode; those of the store.
#pragma once

#include <optional>
#include <vector>

#include "entente/documents/documents.h"
#include "entente/store/store.h"

namespace entente::documents {

// The head of a valid document that nobody has proposed.
DocumentHead HeadOf(const DocumentId& id, const agreement::Document& document);

Result<std::optional<DocumentHead>> FindHead(const store::Reader& reader, const PeerId& peer,
                                             const DocumentId& id);
// The bytes of the head, for one who knows what they decode to.
Result<std::optional<Bytes>> FindHeadBytes(const store::Reader& reader, const PeerId& peer,
                                           const DocumentId& id);
Result<std::vector<DocumentHead>> ListHeads(const store::Reader& reader, const PeerId& peer);
// Head and bytes, decoded.
Result<std::optional<DocumentView>> FindView(const store::Reader& reader, const PeerId& peer,
                                             const DocumentId& id);

Status PutHead(store::Transaction& transaction, const PeerId& peer, const DocumentHead& head);
// The bytes of a document never change: put once, beside its first head.
Status PutText(store::Transaction& transaction, const PeerId& peer, const DocumentId& id,
               ByteView bytes);

}  // namespace entente::documents
