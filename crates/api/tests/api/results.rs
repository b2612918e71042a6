//! The pages of shared results.

use axum::{
    Router,
    body::Body,
    http::{Request, header},
};
use mysfits_api::{BoxFuture, RecommendError, Recommended, Recommender, TableBackend};
use mysfits_domain::{Entry, MYSFIT_COUNT, catalogue};

use crate::support::{Answer, ask, get, label, router};

/// Returns an API whose recommendation depends on the first answer.
fn by_age() -> Router {
    router(TableBackend::from_rule(|entry: Entry| label(entry.answers()[0].get() - 1)))
}

fn get_with(router: Router, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request =
        headers.iter().fold(Request::get(path), |request, (name, value)| request.header(*name, *value));
    ask(router, request.body(Body::empty()).unwrap())
}

fn html(answer: &Answer) -> &str {
    assert_eq!(
        (answer.status.as_u16(), answer.content_type()),
        (200, "text/html; charset=utf-8"),
        "{answer:?}"
    );
    str::from_utf8(&answer.body).unwrap()
}

#[test]
fn names_the_recommended_mysfit_in_title_and_metadata() {
    assert_eq!(MYSFIT_COUNT, 12);
    for (code, mysfit) in [("11111", &catalogue()[0]), ("73518", &catalogue()[6]), ("88888", &catalogue()[7])]
    {
        let answer = get_with(by_age(), &format!("/r/{code}"), &[("host", "m.example")]);
        let page = html(&answer);
        let name = mysfit.name.en;
        for part in [
            format!("<title>My mysfit is {name} the "),
            format!("<meta property=\"og:title\" content=\"My mysfit is {name} the "),
            format!("<meta property=\"og:url\" content=\"http://m.example/r/{code}/\">"),
            format!("<meta property=\"og:image\" content=\"http://m.example/cards/{}.png\">", mysfit.slug),
            format!("<meta http-equiv=\"refresh\" content=\"0; url=/#quiz={code}\">"),
        ] {
            assert!(page.contains(&part), "{part}: {page}");
        }
        assert_eq!(answer.header(header::CACHE_CONTROL), "public, max-age=600");
        assert!(answer.header(header::CONTENT_SECURITY_POLICY).starts_with("default-src 'none'"));
        assert_eq!(answer.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    }
    let answer = get_with(by_age(), "/r/88888?lang=ko", &[("host", "m.example")]);
    let name = catalogue()[7].name.ko;
    let page = html(&answer);
    assert!(page.contains("<html lang=\"ko\">") && page.contains(name), "{page}");
    assert!(page.contains("content=\"http://m.example/ko/r/88888/\""), "{page}");
}

#[test]
fn addresses_have_the_host_that_visitors_use() {
    let behind = [
        ("host", "a1.execute-api.example"),
        ("x-forwarded-host", "m.example"),
        ("x-forwarded-proto", "https"),
    ];
    let answer = get_with(by_age(), "/r/12345", &behind);
    assert!(html(&answer).contains("content=\"https://m.example/r/12345/\""), "{}", html(&answer));
    assert!(!html(&answer).contains("execute-api"));
    // An invalid host would be part of the page.
    for host in ["", "m.example/\"><script>", "a b", "x\"y"] {
        let answer = get_with(by_age(), "/r/12345", &[("host", "m.example"), ("x-forwarded-host", host)]);
        assert!(html(&answer).contains("<meta property=\"og:url\" content=\"/r/12345/\">"), "{host}");
    }
}

#[test]
fn invalid_answers_are_not_found() {
    for code in ["1234", "123456", "12305", "12945", "1234x", "%31%32%33%34%FF", "12345.html"] {
        let answer = get(&format!("/r/{code}"));
        assert_eq!(answer.status, 404, "{code}");
        assert!(answer.problem().contains("not-found"), "{code}");
    }
    assert_eq!(get("/r/12345?lang=fr").status, 400);
}

struct Unavailable;

impl Recommender for Unavailable {
    fn name(&self) -> &'static str {
        "unavailable"
    }

    fn recommend(&self, _: Entry, _: bool) -> BoxFuture<'_, Result<Recommended, RecommendError>> {
        Box::pin(async { Err(RecommendError::BadAnswer("secret".into())) })
    }
}

#[test]
fn a_visitor_gets_to_the_result_without_a_recommendation() {
    let answer = get_with(router(Unavailable), "/r/12345", &[("host", "m.example")]);
    let page = html(&answer);
    assert!(page.contains("url=/#quiz=12345\"") && page.contains("/cards/mysfits.png"), "{page}");
    assert!(!page.contains("secret"), "{page}");
    assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
}
