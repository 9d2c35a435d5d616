//! Proxy events: any text is an event or is refused as one.

use tracehook_core::Rejection;
use tracehook_core::gateway::{Answer, Request};
use tracehook_test_support::fuzzing::{corpus, fuzz, texts};

#[test]
fn every_event_is_read_or_refused_as_malformed() {
    let events = corpus("../validator/tests/corpus");
    fuzz(
        "event",
        events.len(),
        8_000,
        texts(&events),
        |event| match Request::read(&event) {
            Ok(request) => {
                let id = request.request_id.unwrap_or_default();
                // The producer's id goes into an answer, which must stay JSON whatever it is.
                let answer = Answer::rejection(Rejection::NotFound, &id);
                let body: serde_json::Value = serde_json::from_str(answer.body()).unwrap();
                assert_eq!(body["requestId"], id);
            }
            Err(rejection) => assert_eq!(rejection, Rejection::MalformedEvent),
        },
    );
}
