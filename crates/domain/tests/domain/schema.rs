//! The contract that travels with a model.

use expect_test::{Expect, expect};
use mysfits_domain::{Answer, Feature, ModelSchema, OPTION_COUNT, catalogue, questionnaire};

#[test]
fn it_says_what_questionnaire_and_catalogue_say() {
    let schema = ModelSchema::current();
    let names: Vec<_> = schema.features.iter().map(|feature| feature.name.as_str()).collect();
    assert_eq!(names, questionnaire().each_ref().map(|question| question.feature));
    assert_eq!(names, ["age", "occupation", "relaxation", "colour", "sport"]);
    for feature in &schema.features {
        assert_eq!((feature.min, feature.max), (Answer::MIN.get(), Answer::MAX.get()));
        assert_eq!(feature.cardinality(), OPTION_COUNT);
    }
    assert_eq!(schema.labels, catalogue().each_ref().map(|mysfit| mysfit.id.as_str()));
}

#[test]
fn a_features_cardinality_counts_both_ends() {
    let cardinality = |min, max| Feature { name: String::new(), min, max }.cardinality();
    assert_eq!([cardinality(1, 8), cardinality(0, 0), cardinality(0, 255)], [8, 1, 256]);
}

#[test]
fn the_current_schema_fits_and_travels_as_json() {
    let schema = ModelSchema::current();
    assert_eq!(schema.fits_current(), Ok(()));
    let json = serde_json::to_string(&schema).unwrap();
    assert_eq!(serde_json::from_str::<ModelSchema>(&json).unwrap(), schema);
    assert!(serde_json::from_str::<ModelSchema>(&json.replacen('{', "{\"surprise\": 1, ", 1)).is_err());
}

/// Checks the words for a schema that differs from the current one as `change` makes it differ.
#[track_caller]
fn check_refused(change: impl FnOnce(&mut ModelSchema), expected: Expect) {
    let current = ModelSchema::current();
    let mut schema = ModelSchema { version: "0.9".to_owned(), ..current.clone() };
    change(&mut schema);
    let error = schema.fits_current().unwrap_err();
    assert_eq!((&error.found, &error.expected), (&schema.version, &current.version));
    expected.assert_eq(&error.to_string().replace(&format!("{:?}", current.version), "CURRENT"));
}

#[test]
fn another_version_is_refused_and_both_are_named() {
    check_refused(
        |_| (),
        expect![[
            r#"the model has schema version "0.9", this build has CURRENT: only the versions differ; train the model again with this build"#
        ]],
    );
}

#[test]
fn other_features_are_refused() {
    check_refused(
        |schema| schema.features.swap(0, 1),
        expect![[
            r#"the model has schema version "0.9", this build has CURRENT: the features are [occupation 1..=8, age 1..=8, relaxation 1..=8, colour 1..=8, sport 1..=8], expected [age 1..=8, occupation 1..=8, relaxation 1..=8, colour 1..=8, sport 1..=8]; train the model again with this build"#
        ]],
    );
    check_refused(
        |schema| _ = schema.features.pop(),
        expect![[
            r#"the model has schema version "0.9", this build has CURRENT: the features are [age 1..=8, occupation 1..=8, relaxation 1..=8, colour 1..=8], expected [age 1..=8, occupation 1..=8, relaxation 1..=8, colour 1..=8, sport 1..=8]; train the model again with this build"#
        ]],
    );
    check_refused(
        |schema| schema.features[4].min = 0,
        expect![[
            r#"the model has schema version "0.9", this build has CURRENT: the features are [age 1..=8, occupation 1..=8, relaxation 1..=8, colour 1..=8, sport 0..=8], expected [age 1..=8, occupation 1..=8, relaxation 1..=8, colour 1..=8, sport 1..=8]; train the model again with this build"#
        ]],
    );
    check_refused(
        |schema| schema.features.clear(),
        expect![[
            r#"the model has schema version "0.9", this build has CURRENT: the features are [], expected [age 1..=8, occupation 1..=8, relaxation 1..=8, colour 1..=8, sport 1..=8]; train the model again with this build"#
        ]],
    );
}

#[test]
fn other_labels_are_refused() {
    check_refused(
        |schema| schema.labels.swap(3, 4),
        expect![[
            r#"the model has schema version "0.9", this build has CURRENT: label 3 means "a901bb08-1985-42f5-bb77-27439ac14300", expected "da5303ae-5aba-495c-b5d6-eb5c4a66b941"; train the model again with this build"#
        ]],
    );
    check_refused(
        |schema| _ = schema.labels.pop(),
        expect![[
            r#"the model has schema version "0.9", this build has CURRENT: label 11 means nothing, expected "b6d16e02-6aeb-413c-b457-321151bb403d"; train the model again with this build"#
        ]],
    );
    check_refused(
        |schema| schema.labels.push("thirteen".to_owned()),
        expect![[
            r#"the model has schema version "0.9", this build has CURRENT: label 12 means "thirteen", expected nothing; train the model again with this build"#
        ]],
    );
}

#[test]
fn the_same_version_does_not_excuse_a_difference() {
    let mut schema = ModelSchema::current();
    schema.labels.swap(0, 11);
    assert!(schema.fits_current().is_err());
}

#[test]
fn features_are_the_questions_in_order() {
    assert_eq!(mysfits_domain::FEATURES, mysfits_domain::questionnaire().each_ref().map(|q| q.feature));
}
