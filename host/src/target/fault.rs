//! Faults, and the codes that they carry.

use katydid_xmlrpc::{DecodeError, EncodeError};

/// Codes of the Specification for Fault Code Interoperability.
pub(super) const NOT_WELL_FORMED: i32 = -32700;
pub(super) const NOT_XML_RPC: i32 = -32600;
pub(super) const METHOD_NOT_FOUND: i32 = -32601;
pub(super) const INVALID_PARAMS: i32 = -32602;
pub(super) const INTERNAL: i32 = -32603;
pub(super) const APPLICATION: i32 = -32500;

/// A fault to answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fault {
    pub(super) code: i32,
    pub(super) message: String,
}

impl From<DecodeError> for Fault {
    fn from(error: DecodeError) -> Self {
        let code = match error {
            DecodeError::NotXmlRpc { .. } | DecodeError::Limit { .. } => NOT_XML_RPC,
            DecodeError::Empty
            | DecodeError::Doctype { .. }
            | DecodeError::Truncated { .. }
            | DecodeError::Malformed { .. } => NOT_WELL_FORMED,
        };
        Self { code, message: error.to_string() }
    }
}

impl From<EncodeError> for Fault {
    fn from(error: EncodeError) -> Self {
        Self { code: INTERNAL, message: format!("cannot write the reply: {error}") }
    }
}
