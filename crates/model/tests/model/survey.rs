//! The accuracy of trained models, and invalid surveys.

use std::{fs, io::Write as _, path::PathBuf};

use expect_test::{Expect, expect};
use flate2::{Compression, write::GzEncoder};
use mysfits_data::{DEFAULT_ROWS, DEFAULT_SEED};
use mysfits_domain::Entry;
use mysfits_model::survey::{TrainArgs, TrainingOutcome, train};

use crate::support::with_causes;

fn args() -> TrainArgs {
    TrainArgs {
        survey: None,
        rows: DEFAULT_ROWS,
        seed: DEFAULT_SEED,
        random: false,
        k: 10,
        sample_size: 100_000,
    }
}

/// The held-out accuracy, as a share of the best possible.
fn share_of_the_ceiling(args: &TrainArgs) -> f64 {
    let TrainingOutcome { report, .. } = train(args).unwrap();
    let share = report.accuracy() / report.ceiling().unwrap();
    assert!(share < 1.02, "{share}: better than the best possible");
    share
}

#[test]
fn the_default_model_reaches_97_percent_of_the_ceiling() {
    let share = share_of_the_ceiling(&args());
    assert!(share >= 0.97, "{share:.4} of the ceiling");
}

#[test]
fn a_fifth_of_the_survey_reaches_95_percent_of_the_ceiling() {
    let share = share_of_the_ceiling(&TrainArgs { rows: 200_000, ..args() });
    assert!(share >= 0.95, "{share:.4} of the ceiling");
}

#[test]
fn the_default_model_recommends_atlantis_for_the_workshops_entry() {
    let TrainingOutcome { model, .. } = train(&args()).unwrap();
    let entry = Entry::try_from([1, 2, 3, 4, 5]).unwrap();
    assert_eq!(model.table().label(entry).get(), 8);
    assert_eq!(model.knn().predict(&entry.features()), Ok(8.0));
}

#[test]
fn the_table_is_the_model_at_every_entry() {
    let TrainingOutcome { model, .. } = train(&TrainArgs { rows: 50_000, ..args() }).unwrap();
    for entry in Entry::all() {
        let label = f64::from(model.table().label(entry).get());
        assert_eq!(Ok(label), model.knn().predict(&entry.features()), "{entry:?}");
    }
}

#[test]
fn training_is_repeatable_and_the_seed_counts() {
    let labels = |seed| {
        let TrainingOutcome { model, .. } =
            train(&TrainArgs { rows: 2_000, sample_size: 500, seed, ..args() }).unwrap();
        (model.knn().features().unwrap().to_owned(), model.knn().labels().to_owned())
    };
    assert_eq!(labels(1), labels(1));
    assert_ne!(labels(1), labels(2));
}

#[test]
fn nothing_can_be_learned_from_labels_at_random() {
    let TrainingOutcome { report, .. } = train(&TrainArgs { rows: 100_000, random: true, ..args() }).unwrap();
    assert!((report.accuracy() - 1.0 / 12.0).abs() < 0.01, "{}", report.accuracy());
    assert!((report.ceiling().unwrap() - 1.0 / 12.0).abs() < 1e-9);
}

#[test]
fn the_report_sets_accuracy_beside_the_ceiling() {
    let TrainingOutcome { report, .. } = train(&TrainArgs { rows: 20_000, ..args() }).unwrap();
    let text = report.to_string();
    for line in [
        "generated 20000 rows",
        "trained on 18000 of 18000 rows",
        "compiled a decision table of 32768 entries",
        "tested on 2000 rows",
        "test:accuracy",
        "expected",
        "ceiling",
        "of the ceiling",
        "(always Atlantis)",
        "chance         0.0833",
    ] {
        assert!(text.contains(line), "{line}:\n{text}");
    }
    let confusion = report.confusion().to_string();
    assert_eq!(confusion.lines().count(), 2 + 12, "{confusion}");
    assert!(confusion.contains("Atlantis"), "{confusion}");
}

/// A survey file with this in it.
fn survey(name: &str, contents: &[u8]) -> (tempfile::TempDir, TrainArgs) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, contents).unwrap();
    let args = TrainArgs { survey: Some(path), k: 1, ..args() };
    (folder, args)
}

#[test]
fn a_survey_is_read_plain_and_gzip() {
    let csv = (1..=8).map(|i| format!("{i},2,3,4,5,{i}\n")).collect::<String>().repeat(5);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(csv.as_bytes()).unwrap();
    for (name, contents) in [("survey.csv", csv.into_bytes()), ("survey.csv.gz", gzip.finish().unwrap())] {
        let (_folder, args) = survey(name, &contents);
        let TrainingOutcome { model, report, .. } = train(&args).unwrap();
        assert_eq!((model.knn().n_samples(), report.accuracy(), report.ceiling()), (36, 1.0, None));
    }
}

#[track_caller]
fn check_refused(args: &TrainArgs, expected: Expect) {
    let error = with_causes(&train(args).unwrap_err());
    let path = args.survey.clone().unwrap_or_else(|| PathBuf::from("FILE"));
    expected.assert_eq(&error.replace(path.to_str().unwrap(), "FILE"));
}

#[test]
fn rejects_invalid_arguments() {
    check_refused(&TrainArgs { rows: 9, ..args() }, expect!["there are 9 rows; there must be at least 10"]);
    check_refused(&TrainArgs { rows: 0, ..args() }, expect!["there are 0 rows; there must be at least 10"]);
    check_refused(
        &TrainArgs { k: 0, ..args() },
        expect![[r#"invalid value for "k": 0 (expected 1 to 1024)"#]],
    );
    check_refused(
        &TrainArgs { sample_size: 0, ..args() },
        expect![[r#"invalid value for "sample_size": 0 (expected 1 to 4294967295)"#]],
    );
    check_refused(
        &TrainArgs { survey: Some("/nowhere/survey.csv".into()), ..args() },
        expect!["cannot open FILE: No such file or directory (os error 2)"],
    );
}

#[test]
fn rejects_invalid_surveys() {
    let check = |contents: &str, expected| {
        let (_folder, args) = survey("survey.csv", contents.as_bytes());
        check_refused(&args, expected);
    };
    check("", expect!["cannot read FILE: there are no samples"]);
    check(
        "age,occupation,relaxation,colour,sport,label\n",
        expect![[r#"cannot read FILE: line 1, column 1: "age" is not a number"#]],
    );
    check(
        &"1,2,3,4,8\n".repeat(20),
        expect!["the survey has 4 answers a row; the questionnaire has 5 questions"],
    );
    check(
        &"1,2,3,4,nan,8\n".repeat(20),
        expect!["row 1 of the survey: entry[4] (sport) is NaN; it must be a whole number from 1 to 8"],
    );
    // The workshop's own: answers from 0 to 7.
    check(
        &"1,2,3,4,5,8\n0,1,2,3,4,8\n".repeat(20),
        expect!["row 2 of the survey: entry[0] (age) is 0; it must be a whole number from 1 to 8"],
    );
    check(
        &"1,2,3,4,9,8\n".repeat(20),
        expect!["row 1 of the survey: entry[4] (sport) is 9; it must be a whole number from 1 to 8"],
    );
    check(
        &"1,2,3,4.5,6,8\n".repeat(20),
        expect!["row 1 of the survey: entry[3] (colour) is 4.5; it must be a whole number from 1 to 8"],
    );
    check(
        &"1,2,3,4,5,12\n".repeat(20),
        expect!["row 1 of the survey: label 12 stands for no mysfit; it must be a whole number from 0 to 11"],
    );
    check(
        &"8,1,2,3,4,5.5\n".repeat(20),
        expect![
            "row 1 of the survey: label 5.5 stands for no mysfit; it must be a whole number from 0 to 11"
        ],
    );
}
