//! The catalogue equals the workshop's table.

use mysfits_domain::{GoodEvil, Label, LawChaos, MYSFIT_COUNT, Mysfit, MysfitId, UnknownMysfit, catalogue};

/// Label, id, name, species, age, good or evil, lawful or chaotic. Source: the workshop's module 7.
const TABLE: &str = "
    0  | 4e53920c-505a-4a90-a694-b9300791f0ae | Evangeline       | Chimera      | 43         | Evil    | Lawful
    1  | 2b473002-36f8-4b87-954e-9a377e0ccbec | Pauly            | Cyclops      | 2          | Neutral | Lawful
    2  | 0e37d916-f960-4772-a25a-01b762b5c1bd | CoCo             | Dragon       | 501        | Good    | Chaotic
    3  | da5303ae-5aba-495c-b5d6-eb5c4a66b941 | Gretta           | Gorgon       | 31         | Evil    | Neutral
    4  | a901bb08-1985-42f5-bb77-27439ac14300 | Hasla            | Haetae       | 2000000000 | Good    | Neutral
    5  | b41ff031-141e-4a8d-bb56-158a22bea0b3 | Snowflake        | Yeti         | 13         | Evil    | Neutral
    6  | 3f0f196c-4a7b-43af-9e29-6522a715342d | Gary             | Kraken       | 2709       | Neutral | Chaotic
    7  | a68db521-c031-44c7-b5ef-bfa4c0850e2a | Nessi            | Plesiosaurus | 75000000   | Neutral | Neutral
    8  | c0684344-1eb7-40e7-b334-06d25ac9268c | Atlantis         | Mandrake     | 100        | Neutral | Neutral
    9  | ac3e95f3-eb40-4e4e-a605-9fdd0224877c | Twilight Glitter | Pegasus      | 6          | Good    | Lawful
    10 | 33e1fbd4-2fd8-45fb-a42f-f92551694506 | Cole             | Phoenix      | 1393       | Good    | Chaotic
    11 | b6d16e02-6aeb-413c-b457-321151bb403d | Rujin            | Troll        | 221        | Evil    | Chaotic
";

#[test]
fn the_twelve_are_the_workshops() {
    let rows: Vec<Vec<&str>> =
        TABLE.trim().lines().map(|line| line.split('|').map(str::trim).collect()).collect();
    let found: Vec<Vec<String>> = catalogue()
        .iter()
        .map(|mysfit| {
            vec![
                mysfit.label.get().to_string(),
                mysfit.id.to_string(),
                mysfit.name.en.to_owned(),
                mysfit.species.en.to_owned(),
                mysfit.age.to_string(),
                mysfit.alignment.good_evil.as_str().to_owned(),
                mysfit.alignment.law_chaos.as_str().to_owned(),
            ]
        })
        .collect();
    assert_eq!(found, rows);
}

#[test]
fn every_mysfit_is_found_by_id_label_and_slug() {
    for mysfit in catalogue() {
        assert_eq!(mysfit.id.mysfit(), mysfit);
        assert_eq!(mysfit.label.mysfit(), mysfit);
        assert_eq!(Mysfit::by_slug(mysfit.slug), Some(mysfit));
        assert_eq!(mysfit.id.as_str().parse(), Ok(mysfit.id));
        assert_eq!(mysfit.image_uri(), format!("/art/{}.svg", mysfit.slug));
    }
    assert_eq!(Mysfit::by_slug("unknown"), None);
}

#[test]
fn ids_are_written_and_read_as_strings() {
    for mysfit in catalogue() {
        let json = serde_json::to_string(&mysfit.id).unwrap();
        assert_eq!(json, format!("\"{}\"", mysfit.id));
        assert_eq!(serde_json::from_str::<MysfitId>(&json).unwrap(), mysfit.id);
    }
}

#[test]
fn unknown_ids_are_rejected() {
    for id in [
        "",
        "Atlantis",
        "00000000-0000-0000-0000-000000000000",
        "C0684344-1EB7-40E7-B334-06D25AC9268C",
        " c0684344-1eb7-40e7-b334-06d25ac9268c",
        "c0684344-1eb7-40e7-b334-06d25ac9268",
    ] {
        assert_eq!(id.parse::<MysfitId>(), Err(UnknownMysfit(id.to_owned())));
        assert!(serde_json::from_value::<MysfitId>(id.into()).is_err(), "{id}");
    }
    let error = "8".parse::<MysfitId>().unwrap_err().to_string();
    assert_eq!(error, "there is no mysfit with the id \"8\"");
    for json in ["8", "null", "[]", "{\"id\": \"c0684344-1eb7-40e7-b334-06d25ac9268c\"}"] {
        assert!(serde_json::from_str::<MysfitId>(json).is_err(), "{json}");
    }
}

#[test]
fn labels_are_zero_to_eleven() {
    assert_eq!(MYSFIT_COUNT, 12);
    assert!(Label::all().map(Label::get).eq(0..12));
    for number in 0..=u8::MAX {
        let label = Label::try_from(number);
        assert_eq!(label.is_ok(), number < 12, "{number}");
        assert_eq!(Label::try_from(f64::from(number)).is_ok(), number < 12, "{number}");
        if let Ok(label) = label {
            assert_eq!((label.get(), label.mysfit().label), (number, label));
            assert_eq!(Label::try_from(f64::from(number)), Ok(label));
        }
    }
}

#[test]
fn floats_that_are_no_labels_are_rejected() {
    let just_below = f64::from_bits(8.0f64.to_bits() - 1);
    for label in [
        -1.0,
        -0.5,
        0.5,
        just_below,
        11.5,
        12.0,
        255.0,
        256.0,
        264.0,
        1e20,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
    ] {
        assert!(Label::try_from(label).is_err(), "{label}");
    }
    assert_eq!(Label::try_from(-0.0f64).map(Label::get), Ok(0));
    assert_eq!(
        Label::try_from(3.75f64).unwrap_err().to_string(),
        "label 3.75 stands for no mysfit; it must be a whole number from 0 to 11"
    );
    assert_eq!(
        Label::try_from(12u8).unwrap_err().to_string(),
        "label 12 stands for no mysfit; it must be a whole number from 0 to 11"
    );
}

#[test]
fn alignments_have_names_and_no_others() {
    for value in GoodEvil::ALL {
        assert_eq!(value.as_str().parse(), Ok(value));
        assert_eq!(serde_json::to_value(value).unwrap(), value.as_str());
    }
    for value in LawChaos::ALL {
        assert_eq!(value.as_str().parse(), Ok(value));
        assert_eq!(serde_json::to_value(value).unwrap(), value.as_str());
    }
    assert_eq!(GoodEvil::ALL.map(GoodEvil::as_str), ["Good", "Neutral", "Evil"]);
    assert_eq!(LawChaos::ALL.map(LawChaos::as_str), ["Lawful", "Neutral", "Chaotic"]);
    for name in ["", "good", "GOOD", " Good", "Lawful"] {
        assert!(name.parse::<GoodEvil>().is_err(), "{name:?}");
    }
}

#[test]
fn ids_and_labels_say_the_same_as_the_catalogue() {
    assert_eq!(MysfitId::all().len(), catalogue().len());
    for (id, mysfit) in MysfitId::all().zip(catalogue()) {
        assert_eq!((id, id.alignment()), (mysfit.id, mysfit.alignment));
        assert_eq!(MysfitId::from(mysfit.label), mysfit.id);
    }
}
