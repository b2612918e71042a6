//! The survey is what its card says: the same bytes everywhere, uniform answers, labels as likely as stated.

#![allow(clippy::unwrap_used, reason = "a panic is a failed test, in its helpers too")]

use expect_test::expect;
use mysfits_data::{DEFAULT_ROWS, DEFAULT_SEED, Description, Distribution, Layout, Prototypes, Survey};
use mysfits_domain::{Entry, Label};
use sha2::{Digest as _, Sha256};

fn sha256_of_csv(distribution: &Distribution, layout: Layout) -> String {
    let mut hash = Sha256::new();
    let mut csv = Vec::new();
    for sample in Survey::new(distribution, DEFAULT_SEED).take(DEFAULT_ROWS) {
        layout.write_row(sample, &mut csv).unwrap();
        if csv.len() > 1 << 20 {
            hash.update(&csv);
            csv.clear();
        }
    }
    hash.update(&csv);
    hash.finalize().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

#[test]
fn the_default_survey_has_the_same_bytes_on_every_platform() {
    let distribution = Distribution::from_prototypes();
    expect!["1e7162248e335962afe08de6353bae990c677043296500bbf589bdcc5a292be5"]
        .assert_eq(&sha256_of_csv(&distribution, Layout::LabelLast));
    expect!["44db004638a581806b8b7f583f9fbb2d210385e6fa9775e3c4e64f79c3574192"]
        .assert_eq(&sha256_of_csv(&distribution, Layout::LabelFirst));
    expect!["1302a6711bf59bb4ae782cab75a2642337089e796ea03c471bd75f9d1d0cdd66"]
        .assert_eq(&sha256_of_csv(&Distribution::uniform(), Layout::LabelLast));
}

#[test]
fn the_first_rows_read_as_stated() {
    let distribution = Distribution::from_prototypes();
    let mut csv = Vec::new();
    for sample in Survey::new(&distribution, DEFAULT_SEED).take(4) {
        Layout::LabelLast.write_row(sample, &mut csv).unwrap();
    }
    for sample in Survey::new(&distribution, DEFAULT_SEED).take(2) {
        Layout::LabelFirst.write_row(sample, &mut csv).unwrap();
    }
    expect![[r"
        3,7,5,4,6,3
        2,3,8,8,2,7
        1,8,3,1,3,3
        5,2,7,5,3,2
        3,3,7,5,4,6
        7,2,3,8,8,2
    "]]
    .assert_eq(&String::from_utf8(csv).unwrap());
}

#[test]
fn probabilities_are_the_softmax_of_the_card() {
    let prototypes = Prototypes::embedded();
    let distribution = Distribution::softmax(&prototypes);
    for entry in Entry::all() {
        let weights: Vec<f64> = prototypes
            .entries
            .iter()
            .map(|p| {
                let squared: f32 =
                    p.features().iter().zip(entry.features()).map(|(a, b)| (a - b).powi(2)).sum();
                (-0.15 * f64::from(squared)).exp()
            })
            .collect();
        let total: f64 = weights.iter().sum();
        let mut sum = 0.0;
        for label in Label::all() {
            let expected = weights[usize::from(label.get())] / total;
            let found = distribution.probability(entry, label);
            assert!((found - expected).abs() < 1e-9, "{entry:?} {label:?}: {found}, expected {expected}");
            sum += found;
        }
        assert_eq!(sum, 1.0, "{entry:?}");
    }
    // Every prototype's own entry is best served by its mysfit.
    for (label, &entry) in Label::all().zip(&prototypes.entries) {
        assert_eq!(distribution.best(entry), label);
    }
}

#[test]
fn the_ceiling_is_the_best_rules_accuracy_and_the_rows_bear_it_out() {
    let distribution = Distribution::from_prototypes();
    expect!["0.801994"].assert_eq(&format!("{:.6}", distribution.ceiling()));
    assert_eq!(Distribution::uniform().ceiling(), distribution_floor());
    let n = 200_000;
    let hits =
        Survey::new(&distribution, 99).take(n).filter(|s| distribution.best(s.entry) == s.label).count();
    let observed = hits as f64 / n as f64;
    // Three standard deviations of a share of 200,000 are 0.003.
    assert!((observed - distribution.ceiling()).abs() < 0.003, "{observed}");
}

/// A twelfth, as whole numbers of 2^-32 have it.
fn distribution_floor() -> f64 {
    (2f64.powi(32) / 12.0).ceil() / 2f64.powi(32)
}

#[test]
fn answers_are_uniform_and_every_question_tells_something() {
    let distribution = Distribution::from_prototypes();
    let description = Description::of(Survey::new(&distribution, DEFAULT_SEED).take(200_000));
    assert_eq!(description.n_samples(), 200_000);
    assert_eq!(description.label_counts().iter().sum::<u64>(), 200_000);
    for association in description.associations() {
        assert!((0.1..0.9).contains(&association.cramers_v), "{association:?}");
    }
    let random = Distribution::uniform();
    for association in Description::of(Survey::new(&random, DEFAULT_SEED).take(200_000)).associations() {
        assert!(association.cramers_v < 0.02, "{association:?}");
    }
    let text = description.to_string();
    assert!(text.contains("Twilight Glitter") && text.contains("relaxation"), "{text}");
}

#[test]
fn prototypes_are_refused_by_name() {
    let valid = include_str!("../prototypes.json");
    let error = |json: String| Prototypes::from_json(&json).unwrap_err().to_string();
    expect!["there is a prototype for \"unknown\", and no such mysfit"]
        .assert_eq(&error(valid.replace("\"rujin\"", "\"unknown\"")));
    expect!["decay is -0.15; it must be a positive number"].assert_eq(&error(valid.replace("0.15", "-0.15")));
    assert!(error(valid.replace("[1, 2, 3, 4, 5]", "[1, 2, 3, 4, 9]")).contains("entry[4] (sport) is 9"));
    assert!(error(valid.replace("[1, 2, 3, 4, 5]", "[1, 2, 3, 4]")).contains("4 answers"));
    expect!["the mysfit \"evangeline\" has no prototype"]
        .assert_eq(&error(r#"{"version": 1, "decay": 1, "prototypes": {}}"#.to_owned()));
}
