//! The catalogue and the questionnaire over HTTP.

use expect_test::{Expect, expect};
use mysfits_domain::{Locale, Mysfit, OPTION_COUNT, catalogue, questionnaire};
use serde_json::{Value, json};

use crate::support::{ATLANTIS, get};

#[track_caller]
fn names(path: &str) -> Vec<String> {
    let answer = get(path).ok();
    let mysfits = answer["mysfits"].as_array().unwrap();
    mysfits.iter().map(|mysfit| mysfit["name"].as_str().unwrap().to_owned()).collect()
}

/// Checks who is listed, by their English names.
#[track_caller]
fn check_filter(filter: &str, value: &str, expected: &[&str]) {
    assert_eq!(names(&format!("/mysfits?filter={filter}&value={value}")), expected);
}

#[track_caller]
fn check_refused(path: &str, expected: Expect) {
    get(path).check_problem(expected);
}

fn body_of(mysfit: &Mysfit, locale: Locale) -> Value {
    json!({
        "mysfitId": mysfit.id,
        "name": mysfit.name.get(locale),
        "species": mysfit.species.get(locale),
        "age": mysfit.age,
        "goodevil": mysfit.alignment.good_evil,
        "lawchaos": mysfit.alignment.law_chaos,
        "description": mysfit.description.get(locale),
        "thumbImageUri": format!("/art/{}.svg", mysfit.slug),
        "profileImageUri": format!("/art/{}.svg", mysfit.slug),
        "likes": 0,
        "adopted": false,
    })
}

#[test]
fn lists_all_mysfits_in_label_order() {
    let expected: Vec<Value> = catalogue().iter().map(|mysfit| body_of(mysfit, Locale::En)).collect();
    assert_eq!(get("/mysfits").ok(), json!({ "mysfits": expected }));
}

#[test]
fn lists_the_mysfits_in_korean() {
    let expected: Vec<Value> = catalogue().iter().map(|mysfit| body_of(mysfit, Locale::Ko)).collect();
    assert_eq!(get("/mysfits?lang=ko").ok(), json!({ "mysfits": expected }));
    assert_eq!(names("/mysfits?filter=LawChaos&value=Lawful&lang=ko").len(), 3);
    assert_eq!(names("/mysfits?lang=en"), names("/mysfits"));
}

#[test]
fn filters_by_good_neutral_and_evil() {
    check_filter("GoodEvil", "Good", &["CoCo", "Hasla", "Twilight Glitter", "Cole"]);
    check_filter("GoodEvil", "Neutral", &["Pauly", "Gary", "Nessi", "Atlantis"]);
    check_filter("GoodEvil", "Evil", &["Evangeline", "Gretta", "Snowflake", "Rujin"]);
}

#[test]
fn filters_by_lawful_neutral_and_chaotic() {
    check_filter("LawChaos", "Lawful", &["Evangeline", "Pauly", "Twilight Glitter"]);
    check_filter("LawChaos", "Neutral", &["Gretta", "Hasla", "Snowflake", "Nessi", "Atlantis"]);
    check_filter("LawChaos", "Chaotic", &["CoCo", "Gary", "Cole", "Rujin"]);
}

#[test]
fn ignores_unknown_parameters() {
    assert_eq!(names("/mysfits?utm_source=mail&filter=GoodEvil&value=Evil").len(), 4);
}

#[test]
fn an_unknown_filter() {
    check_refused(
        "/mysfits?filter=Species&value=Dragon",
        expect![[r#"
        400 urn:mysfits:problem:invalid-parameter
        A parameter is invalid
        filter is "Species"; it must be one of GoodEvil, LawChaos
    "#]],
    );
}

#[test]
fn an_unknown_value() {
    check_refused(
        "/mysfits?filter=LawChaos&value=lawful",
        expect![[r#"
        400 urn:mysfits:problem:invalid-parameter
        A parameter is invalid
        value is "lawful"; it must be one of Good, Neutral, Evil, Lawful, Chaotic
    "#]],
    );
}

#[test]
fn every_documented_value_is_accepted_alone_and_with_every_filter() {
    for path in ["/mysfits?filter=GoodEvil", "/mysfits?filter=LawChaos", "/mysfits?value=Good"] {
        assert_eq!(names(path).len(), 12, "{path}");
    }
    check_filter("GoodEvil", "Lawful", &[]);
    check_filter("LawChaos", "Evil", &[]);
    check_refused(
        "/mysfits?filter=GoodEvil&value=",
        expect![[r#"
        400 urn:mysfits:problem:invalid-parameter
        A parameter is invalid
        value is ""; it must be one of Good, Neutral, Evil, Lawful, Chaotic
    "#]],
    );
}

#[test]
fn an_unknown_language() {
    for path in ["/mysfits?lang=fr", "/questionnaire?lang=fr", &format!("/mysfits/{ATLANTIS}?lang=fr")] {
        check_refused(
            path,
            expect![[r#"
            400 urn:mysfits:problem:invalid-parameter
            A parameter is invalid
            lang: "fr" is not a language of this site; it must be "en" or "ko"
        "#]],
        );
    }
}

#[test]
fn a_parameter_given_twice() {
    check_refused(
        "/mysfits?lang=ko&lang=en",
        expect![[r#"
        400 urn:mysfits:problem:invalid-parameter
        A parameter is invalid
        Failed to deserialize query string: duplicate field `lang`
    "#]],
    );
}

#[test]
fn a_query_that_is_not_utf_8() {
    for (path, status) in [("/mysfits?lang=%ff", 400), ("/mysfits?lang=ko%00", 400), ("/mysfits?%=%", 200)] {
        assert_eq!(get(path).status, status, "{path}");
    }
}

#[test]
fn shows_each_mysfit() {
    for mysfit in catalogue() {
        let path = format!("/mysfits/{}", mysfit.id);
        assert_eq!(get(&path).ok(), body_of(mysfit, Locale::En));
        assert_eq!(get(&format!("{path}?lang=ko")).ok(), body_of(mysfit, Locale::Ko));
    }
}

#[test]
fn the_fields_have_the_order_of_the_workshop() {
    let body = get(&format!("/mysfits/{ATLANTIS}")).body;
    let text = std::str::from_utf8(&body).unwrap().replace(catalogue()[8].description.en, "...");
    expect![[r#"{"mysfitId":"c0684344-1eb7-40e7-b334-06d25ac9268c","name":"Atlantis","species":"Mandrake","age":100,"goodevil":"Neutral","lawchaos":"Neutral","description":"...","thumbImageUri":"/art/atlantis.svg","profileImageUri":"/art/atlantis.svg","likes":0,"adopted":false}"#]].assert_eq(&text);
}

#[test]
fn an_unknown_id() {
    check_refused(
        "/mysfits/00000000-0000-0000-0000-000000000000",
        expect![[r#"
        404 urn:mysfits:problem:unknown-mysfit
        Unknown mysfit
        there is no mysfit with the id "00000000-0000-0000-0000-000000000000"
    "#]],
    );
    check_refused(
        "/mysfits/coco",
        expect![[r#"
        404 urn:mysfits:problem:unknown-mysfit
        Unknown mysfit
        there is no mysfit with the id "coco"
    "#]],
    );
    check_refused(
        "/mysfits/C0684344-1EB7-40E7-B334-06D25AC9268C",
        expect![[r#"
        404 urn:mysfits:problem:unknown-mysfit
        Unknown mysfit
        there is no mysfit with the id "C0684344-1EB7-40E7-B334-06D25AC9268C"
    "#]],
    );
    check_refused(
        "/mysfits/%EA%B0%80%22%3Cb%3E",
        expect![[r#"
        404 urn:mysfits:problem:unknown-mysfit
        Unknown mysfit
        there is no mysfit with the id "가\"<b>"
    "#]],
    );
}

#[test]
fn an_id_that_is_not_utf_8() {
    check_refused(
        "/mysfits/%ff%fe",
        expect![[r#"
        404 urn:mysfits:problem:unknown-mysfit
        Unknown mysfit
        the id is not UTF-8 text
    "#]],
    );
}

#[test]
fn the_questionnaire_numbers_its_options_from_one() {
    for locale in Locale::ALL {
        let answer = get(&format!("/questionnaire?lang={}", locale.code())).ok();
        let questions = answer["questions"].as_array().unwrap();
        assert_eq!(questions.len(), 5);
        for (body, question) in questions.iter().zip(questionnaire()) {
            assert_eq!(body["feature"], question.feature);
            assert_eq!(body["prompt"], question.prompt.get(locale));
            let options = body["options"].as_array().unwrap();
            assert_eq!(options.len(), OPTION_COUNT);
            for (i, (body, option)) in options.iter().zip(&question.options).enumerate() {
                assert_eq!(*body, json!({ "value": i + 1, "text": option.get(locale) }));
            }
        }
    }
    assert_eq!(get("/questionnaire").body, get("/questionnaire?lang=en").body);
}

#[test]
fn health_names_backend_and_schema() {
    let version = mysfits_domain::ModelSchema::current().version;
    let expected = json!({ "status": "ok", "backend": "embedded", "schema_version": version });
    assert_eq!(get("/health").ok(), expected);
}
