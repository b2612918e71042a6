//! Feedback on recommendations.

use std::{
    io,
    sync::{Arc, Mutex},
};

use axum::{Router, http::header};
use expect_test::expect;
use mysfits_api::{FeedbackStore, RecommendationApi, TableBackend};
use mysfits_domain::{Entry, Feedback};

use crate::support::{ATLANTIS, api, ask, label, request};

/// Stores up to two.
#[derive(Default)]
struct SmallStore(Mutex<Vec<Feedback>>);

impl FeedbackStore for SmallStore {
    fn store(&self, feedback: &Feedback) -> io::Result<()> {
        let mut stored = self.0.lock().unwrap();
        if stored.len() == 2 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        stored.push(*feedback);
        Ok(())
    }
}

fn storing(store: &Arc<SmallStore>) -> Router {
    let atlantis = TableBackend::from_rule(|_: Entry| label(8));
    RecommendationApi::new(Arc::new(atlantis)).feedback(Arc::<SmallStore>::clone(store)).router()
}

fn body(suits: bool) -> String {
    format!(r#"{{"entry": [1,2,3,4,5], "mysfit": "{ATLANTIS}", "suits": {suits}}}"#)
}

#[test]
fn stores_answers_mysfit_and_verdict() {
    let store = Arc::new(SmallStore::default());
    for suits in [true, false] {
        let answer = ask(storing(&store), request("POST", "/feedback", body(suits)));
        assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
    }
    let entry = Entry::try_from([1, 2, 3, 4, 5]).unwrap();
    let expected = [true, false].map(|suits| Feedback { entry, mysfit: ATLANTIS.parse().unwrap(), suits });
    assert_eq!(*store.0.lock().unwrap(), expected);
    // A full store is no success.
    let answer = ask(storing(&store), request("POST", "/feedback", body(true)));
    assert_eq!((answer.status.as_u16(), answer.header(header::RETRY_AFTER)), (503, "60"));
    assert!(!answer.problem().contains("storage"), "{answer:?}");
}

#[test]
fn rejects_invalid_feedback_and_stores_nothing() {
    let store = Arc::new(SmallStore::default());
    let check = |body: &str, expected: expect_test::Expect| {
        ask(storing(&store), request("POST", "/feedback", body.to_owned())).check_problem(expected);
    };
    check(
        "[]",
        expect![[r#"
        400 urn:mysfits:problem:not-json
        The body is not a JSON object
        the body is an array; it must be a JSON object
    "#]],
    );
    check(
        &body(true).replace("5]", "9]"),
        expect![[r#"
        400 urn:mysfits:problem:invalid-entry
        The entry is invalid
        entry[4] (sport) is 9; it must be a whole number from 1 to 8
    "#]],
    );
    check(
        r#"{"entry": [1,2,3,4,5], "mysfit": "gary", "suits": true}"#,
        expect![[r#"
        400 urn:mysfits:problem:invalid-parameter
        A parameter is invalid
        mysfit is "gary"; it must be the id of a mysfit, as GET /mysfits lists them
    "#]],
    );
    check(
        &body(true).replace("true", "\"yes\""),
        expect![[r#"
        400 urn:mysfits:problem:invalid-parameter
        A parameter is invalid
        suits is "yes"; it must be true or false
    "#]],
    );
    let large = " ".repeat(20_000);
    assert_eq!(ask(storing(&store), request("POST", "/feedback", large)).status, 413);
    assert_eq!(ask(storing(&store), request("GET", "/feedback", "")).status, 405);
    assert!(store.0.lock().unwrap().is_empty());
}

#[test]
fn without_a_store_there_is_no_feedback() {
    assert_eq!(ask(api(), request("POST", "/feedback", body(true))).status, 404);
}
