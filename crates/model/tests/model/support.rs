//! A model, and errors as text.

use mysfits_domain::{Entry, MYSFIT_COUNT, QUESTION_COUNT};
use mysfits_knn::{Dataset, Hyperparameters, Model};
use ndarray::{Array1, Array2};

/// A model of every 97th entry, labels in turn.
pub fn model() -> Model {
    let entries: Vec<Entry> = Entry::all().step_by(97).collect();
    let features: Vec<f32> = entries.iter().flat_map(Entry::features).collect();
    let features = Array2::from_shape_vec((entries.len(), QUESTION_COUNT), features).unwrap();
    let labels = Array1::from_shape_fn(entries.len(), |row| (row % MYSFIT_COUNT) as f64);
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    Model::train(dataset, &Hyperparameters::classifier(5).check().unwrap()).unwrap()
}

/// An error with its causes, each of which is only there once.
pub fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let texts: Vec<String> = causes.map(ToString::to_string).collect();
    for (i, text) in texts.iter().enumerate() {
        assert!(texts[..i].iter().all(|above| !above.contains(text)), "{texts:?}");
    }
    texts.join(": ")
}
