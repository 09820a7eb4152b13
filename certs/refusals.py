"""Why a signed document was refused: one code for each check of PROTOCOLS §3.3, and what HTTP calls it.

The table is in the order of the checks. No text quotes a document; a certificate that was read is named
by its fingerprint, which is what an operator pins.
"""

from enum import Enum


class Refusal(Enum):
    """`code` is stable and goes to the journal, `http_status` to the sender (PROTOCOLS §3.4)."""

    def __init__(self, code: str, http_status: int, why: str) -> None:
        self.code = code
        self.http_status = http_status
        self.why = why

    # the bytes
    TOO_LARGE = "too_large", 413, "the document is too large"
    NOT_UTF8 = "not_utf8", 400, "the document is not UTF-8, or does not say so"
    DTD = "dtd", 400, "the document has a DTD"
    COMMENT = "comment", 400, "the document has a comment"
    CDATA = "cdata", 400, "the document has a CDATA section"
    PROCESSING_INSTRUCTION = "processing_instruction", 400, "the document has a processing instruction"
    NOT_XML = "not_xml", 400, "the document is not well-formed"
    TOO_DEEP = "too_deep", 400, "the document has too many levels"
    # where the signature stands
    SIGNATURE_MISSING = "signature_missing", 401, "nothing signs the document"
    SIGNATURE_REPEATED = "signature_repeated", 401, "there is more than one Signature"
    NOT_A_DOCUMENT = "not_a_document", 401, "the root is not a Document"
    SIGNATURE_NESTED = "signature_nested", 401, "the Signature is not a child of the Document"
    SIGNATURE_NOT_LAST = "signature_not_last", 401, "something follows the Signature"
    DUPLICATE_ID = "duplicate_id", 401, "two elements have the same Id"
    # what it says
    SIGNATURE_CONTENT = (
        "signature_content",
        401,
        "the Signature holds other than SignedInfo, value and KeyInfo",
    )
    REFERENCE_NUMBER = "reference_number", 401, "SignedInfo does not hold exactly one Reference"
    REFERENCE_PARTIAL = "reference_partial", 401, "the Reference is not to the whole document"
    TRANSFORMS = "transforms", 401, "the transforms are not enveloped-signature and canonicalisation"
    ALGORITHM_PARAMETERS = "algorithm_parameters", 401, "an algorithm has parameters"
    CANONICALIZATION = "canonicalization", 401, "the canonicalisation is none that is accepted"
    CANONICALIZATION_MIXED = "canonicalization_mixed", 401, "two canonicalisations are mixed"
    SIGNATURE_METHOD = "signature_method", 401, "the signature algorithm is none that is accepted"
    NEEDS_PROVIDER = "needs_provider", 401, "the signature algorithm needs a provider that is not installed"
    DIGEST_METHOD = "digest_method", 401, "the digest is not the one of the signature algorithm"
    KEY_INFO = "key_info", 401, "KeyInfo is not one X509Data with one certificate"
    NOT_BASE64 = "not_base64", 401, "a value of the Signature is not base64"
    # who says it
    CERTIFICATE_UNREADABLE = "certificate_unreadable", 401, "the certificate cannot be read"
    KEY_KIND = "key_kind", 401, "the certificate's key is not one of the signature algorithm"
    KEY_WEAK = "key_weak", 401, "the certificate's key is too weak, or on another curve"
    KEY_USAGE = "key_usage", 401, "the certificate was not issued for signing"
    CRITICAL_EXTENSION = "critical_extension", 401, "the certificate has an unknown critical extension"
    CERTIFICATE_EXPIRED = "certificate_expired", 401, "the certificate's time is over"
    CERTIFICATE_NOT_YET_VALID = "certificate_not_yet_valid", 401, "the certificate's time has not begun"
    SELF_SIGNED = "self_signed", 401, "the certificate is signed by itself"
    UNTRUSTED = "untrusted", 401, "no chain leads from the certificate to a trusted CA"
    REVOKED = "revoked", 401, "the certificate or its issuer is revoked"
    REVOCATION_UNKNOWN = "revocation_unknown", 401, "there is no revocation list of the certificate's issuer"
    REVOCATION_STALE = "revocation_stale", 401, "the revocation list of the certificate's issuer is over"
    # whether it is so
    NOT_CANONICAL = "not_canonical", 401, "the document has no canonical form"
    SIGNATURE_LENGTH = "signature_length", 401, "the signature has another length than its key makes"
    SIGNATURE_MISMATCH = "signature_mismatch", 401, "the certificate's key did not sign this SignedInfo"
    DIGEST_MISMATCH = "digest_mismatch", 401, "the document is not what was signed"
    # whose it is; asked after the structure, PROTOCOLS §3.4
    UNBOUND = "unbound", 403, "the certificate is bound to no participant"
    OTHER_PARTICIPANT = "other_participant", 403, "the certificate is bound to another participant"


class SignatureRefusedError(Exception):
    """Somebody else's document is refused; `detail` names a certificate, an instant or a file, nothing else."""

    def __init__(self, refusal: Refusal, detail: str = "") -> None:
        super().__init__(f"{refusal.why} ({detail})" if detail else refusal.why)
        self.refusal = refusal
        self.code = refusal.code
        self.http_status = refusal.http_status
        self.detail = detail
