//! The input of a handler.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use tracehook_core::body::{BODY_LIMIT_BYTES, BodyForm, Coding};
use tracehook_core::trace::TraceParent;
use tracehook_core::{ExecutionToken, SourceName, Timestamp, body};

use crate::failure::HandlerError;

/// One webhook. `Debug` shows no payload.
pub struct Event {
    /// The event's type, for example `push`; `unknown` when the producer does not say.
    pub event_type: String,
    /// The subject, for example `octocat/hello-world`.
    pub subject: String,
    /// The producer's id of the delivery.
    pub delivery_id: Option<String>,
    /// The producer's `Content-Type`.
    pub content_type: Option<String>,
    /// How the bytes of `body` are coded; absent where they are JSON as they are. Whoever hands `body` on hands this on as
    /// its `Content-Encoding`.
    pub content_encoding: Option<Coding>,
    /// Where in the bytes the document is.
    pub body_form: BodyForm,
    /// The headers that the source keeps, by their names in lower case; no signature, cookie or credential is among them.
    pub headers: BTreeMap<String, String>,
    /// The bytes as they were signed, perhaps as gzip: [`Event::decoded`] has the JSON.
    pub body: Bytes,
    /// When it was received.
    pub received_at: Timestamp,
}

impl Event {
    /// The document as JSON in UTF-8, perhaps with a byte order mark or half a surrogate pair: the body itself, the fields of a
    /// form, the claims of a token; `null` where there is none.
    ///
    /// # Errors
    /// A permanent `payload_mismatch` when the body cannot be decoded, which the validator has ruled out.
    pub fn decoded(&self) -> Result<Cow<'_, [u8]>, HandlerError> {
        let decoded = body::decoded(&self.body, self.content_encoding, *BODY_LIMIT_BYTES.end())
            .map_err(|_| mismatch("its content encoding"))?;
        if self.body_form == BodyForm::Json {
            return Ok(decoded);
        }
        let document = body::document(&self.body_form, &decoded).map_err(|_| mismatch("its form"))?;
        Ok(Cow::Owned(document.map_or_else(|| b"null".to_vec(), Cow::into_owned)))
    }

    /// The body as your own type, with U+FFFD in the place of half a surrogate pair.
    ///
    /// # Errors
    /// A permanent `payload_mismatch`, which names the place and nothing of the payload.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, HandlerError> {
        let json = self.decoded()?;
        let text = body::text(&json).map_err(|_| mismatch("not UTF-8"))?;
        serde_json::from_str(&text)
            .map_err(|error| mismatch(&format!("line {}, column {}", error.line(), error.column())))
    }
}

fn mismatch(place: &str) -> HandlerError {
    HandlerError::permanent(
        "payload_mismatch",
        format!("the payload is not of the expected form ({place})"),
    )
}

impl std::fmt::Debug for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Event")
            .field("event_type", &self.event_type)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// The webhook's identity, and which attempt and try is running.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandlerContext {
    /// The webhook's token.
    pub token: ExecutionToken,
    /// The source that it came from.
    pub source: SourceName,
    /// The number of the webhook's execution: 1, and one more with every redrive.
    pub attempt: u32,
    /// The number of this try of the step within the attempt, from 1: it begins anew after a redrive. Tries that were
    /// interrupted count.
    pub try_number: u32,
    /// The same for every try of this webhook's step, and another after a redrive: hand it to whatever you call, so
    /// that an effect happens once.
    pub idempotency_key: String,
    /// The span of this try. Send it as the header `traceparent`, and what you call continues the webhook's trace.
    pub traceparent: TraceParent,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(body: &str) -> Event {
        Event {
            event_type: "unknown".to_owned(),
            subject: "shop".to_owned(),
            delivery_id: None,
            content_type: None,
            content_encoding: None,
            body_form: BodyForm::Json,
            headers: BTreeMap::new(),
            body: body.to_owned().into(),
            received_at: Timestamp::from_epoch_ms(0),
        }
    }

    #[test]
    fn a_body_is_read_with_a_byte_order_mark_and_half_a_surrogate_pair() {
        let read: Vec<String> = event("\u{feff}[\"cut \\ud83d\"]").json().unwrap();
        assert_eq!(read, ["cut \u{fffd}"]);
    }

    #[test]
    fn a_form_is_read_as_a_document_and_stays_as_it_was_signed() {
        let form = |body_form: &str, body: &str| Event {
            body_form: body_form.parse().unwrap(),
            ..event(body)
        };
        let fields: BTreeMap<String, String> = form("form", "Sid=S%2D1&Body=a+b").json().unwrap();
        assert_eq!(fields["Body"], "a b");
        assert_eq!(
            form("form:payload", "payload=%5B%22x%22%5D")
                .json::<Vec<String>>()
                .unwrap(),
            ["x"]
        );
        assert_eq!(&form("form", "Sid=1").body[..], b"Sid=1");
        assert_eq!(form("text", "<xml/>").json::<Option<String>>().unwrap(), None);
    }

    #[test]
    fn a_body_of_another_form_is_a_mismatch_at_its_place_and_is_not_quoted() {
        let error = event("\u{feff}[\"HUNTER2\"]").json::<Vec<u32>>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "payload_mismatch: the payload is not of the expected form (line 1, column 10)"
        );
    }

    #[test]
    fn a_coded_body_is_read_decoded_and_stays_as_it_was_signed() {
        let coded = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x8bVJ\xceOIMQ\x8a\x05\x00\xf0\x9b]s\x09\x00\x00\x00";
        let event = Event {
            content_encoding: Some(Coding::Gzip),
            body: Bytes::from_static(coded),
            ..event("")
        };
        assert_eq!(event.json::<Vec<String>>().unwrap(), ["coded"]);
        assert_eq!(&*event.decoded().unwrap(), b"[\"coded\"]");
        assert_eq!(&event.body[..], coded);
        let cut = Event {
            body: Bytes::from_static(&coded[..20]),
            ..event
        };
        assert_eq!(
            cut.json::<Vec<String>>().unwrap_err().to_string(),
            "payload_mismatch: the payload is not of the expected form (its content encoding)"
        );
    }
}
