// The part of a document key: the number as any clerk would write it.
#pragma once

#include <optional>
#include <string>

#include "entente/records/record.h"

namespace entente::match {

// "MA|P|AB123456": issuer, type and number, or nothing if two documents may share it by chance.
//
// The number keeps ASCII letters (upper case) and digits (Arabic-Indic ones too); behind its first
// digit O reads as 0 and I as 1. It counts 3.25 bits a digit and 3 bits a letter, leading zeros and
// repeats of one character not at all; it needs kDocumentBits of them for a passport or an identity
// card with its issuer, kOtherDocumentBits for another document with its issuer, and
// kUnknownIssuerBits if the list does not say who issued it.
std::optional<std::string> DocumentKeyPart(const records::Document& document);

}  // namespace entente::match
