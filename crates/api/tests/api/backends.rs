//! Table and model recommend the same.

use mysfits_api::{
    BoxFuture, ModelBackend, RecommendError, Recommended, Recommender, TableBackend, backend_headers,
};
use mysfits_domain::{Entry, Recommendation};

use crate::support::{ATLANTIS, VALID, ask, label, random_model, request, router, run};

#[test]
fn table_and_model_agree_on_every_entry() {
    for (n_samples, k) in [(400, 10), (7, 3), (1, 1)] {
        let model = random_model(n_samples, k);
        let (table, model) = (TableBackend::from_table(model.table()), ModelBackend::new(model));
        run(async {
            for entry in Entry::all() {
                let looked_up = table.recommend(entry, false).await.unwrap();
                let asked = model.recommend(entry, false).await.unwrap();
                assert_eq!(looked_up.recommendation, asked.recommendation, "{entry:?}");
                assert_eq!((looked_up.backend, asked.backend), ("embedded", "model"));
                assert_eq!(looked_up.recommendation.recommended_mysfit, table.mysfit(entry));
            }
        });
    }
}

#[test]
fn backends_have_different_names() {
    let model = random_model(1, 1);
    assert_eq!(TableBackend::from_table(model.table()).name(), "embedded");
    assert_eq!(ModelBackend::new(model).name(), "model");
}

#[test]
fn the_table_of_a_model_is_the_models() {
    let model = random_model(400, 10);
    let (from_table, from_model) = (TableBackend::from_table(model.table()), TableBackend::from_model(model));
    for entry in Entry::all() {
        assert_eq!(from_model.mysfit(entry), from_table.mysfit(entry), "{entry:?}");
    }
}

/// A backend whose name is not a valid header value.
struct Nameless;

impl Recommender for Nameless {
    fn name(&self) -> &'static str {
        "größer\n"
    }

    fn recommend(&self, _: Entry, _: bool) -> BoxFuture<'_, Result<Recommended, RecommendError>> {
        let recommendation = Recommendation { recommended_mysfit: label(8).mysfit().id, explanation: None };
        Box::pin(std::future::ready(Ok(Recommended::by(self.name(), recommendation))))
    }
}

#[test]
fn omits_a_backend_name_that_is_not_a_header_value() {
    let answer = ask(router(Nameless), request("POST", "/recommendations", VALID));
    assert_eq!(answer.header(backend_headers::BACKEND), "");
    assert_eq!(answer.ok()["recommendedMysfit"], ATLANTIS);
}
