//! Answers: read, and held against what is expected.

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;

use crate::{
    expected::Expected,
    record,
    suite::{Expect, Fixture},
};

/// What the model says of one sample.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParsedPrediction {
    /// The label.
    pub predicted_label: f64,
    /// The distances to the neighbours, nearest first; only in verbose answers.
    pub distances: Option<Vec<f64>>,
    /// The neighbours' labels, in the same order; only in verbose answers.
    pub labels: Option<Vec<f64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ParsedPredictions {
    predictions: Vec<ParsedPrediction>,
}

/// An answer as the client gives it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EndpointResponse {
    /// `Body`
    pub body: Vec<u8>,
    /// `ContentType`
    pub content_type: Option<String>,
    /// `InvokedProductionVariant`
    pub variant: Option<String>,
    /// `CustomAttributes`
    pub custom_attributes: Option<String>,
    /// The request's id, which every answer of the service has.
    pub request_id: Option<String>,
}

/// An error as the client gives it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ExpectedError {
    /// The class of the error: the service model's name if the client knows it, otherwise the code that was sent.
    pub class: String,
    /// The HTTP status.
    pub status: u16,
    /// What it says.
    pub message: String,
    /// `OriginalStatusCode`
    pub original_status: Option<i32>,
    /// `OriginalMessage`
    pub original_message: Option<String>,
    /// `LogStreamArn`
    pub log_stream_arn: Option<String>,
    /// The request's id.
    pub request_id: Option<String>,
}

/// Reads an answer's body.
///
/// # Errors
/// If the body is not what its content type says.
pub fn decode(content_type: &str, body: &[u8]) -> Result<Vec<ParsedPrediction>> {
    match content_type {
        "application/json" => Ok(serde_json::from_slice::<ParsedPredictions>(body)?.predictions),
        "application/jsonlines" => {
            let text = std::str::from_utf8(body)?;
            text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
        }
        "application/x-recordio-protobuf" => record::read(body)?.iter().map(prediction).collect(),
        other => bail!("the answer's content type is {other:?}"),
    }
}

fn prediction(record: &record::ProtoRecord) -> Result<ParsedPrediction> {
    ensure!(record.features.is_empty(), "a record of an answer has features");
    let label = record.label("predicted_label").context("a record without predicted_label")?;
    let [predicted_label] = label[..] else { bail!("a record with {} predicted labels", label.len()) };
    Ok(ParsedPrediction {
        predicted_label,
        distances: record.label("distances"),
        labels: record.label("labels"),
    })
}

/// Whether the predictions are those expected, as far as no tie decides; verbose ones with `k` ordered neighbours each.
///
/// # Errors
/// The first difference.
pub fn compare(predictions: &[ParsedPrediction], expected: &[Expected], is_verbose: bool) -> Result<()> {
    ensure!(
        predictions.len() == expected.len(),
        "{} predictions for {} rows",
        predictions.len(),
        expected.len()
    );
    for (row, (found, expected)) in predictions.iter().zip(expected).enumerate() {
        let right = expected.predicted.is_none_or(|label| label == found.predicted_label);
        let label = found.predicted_label;
        ensure!(right, "row {row}: the label is {label}, not {}", expected.predicted.unwrap_or_default());
        match (&found.distances, &found.labels, is_verbose) {
            (None, None, false) => {}
            (Some(distances), Some(labels), true) => {
                let k = expected.distances.len();
                ensure!(distances.len() == k && labels.len() == k, "row {row}: not {k} neighbours");
                ensure!(distances.is_sorted(), "row {row}: not nearest first: {distances:?}");
            }
            (None, _, true) | (_, None, true) => bail!("row {row}: verbose, and no neighbours"),
            (_, _, false) => bail!("row {row}: neighbours, and not verbose"),
        }
    }
    Ok(())
}

/// Whether the neighbours are at the squared distances expected.
///
/// # Errors
/// The first difference; says so if they are the distances' roots.
pub fn compare_distances(predictions: &[ParsedPrediction], expected: &[Expected]) -> Result<()> {
    for (row, (found, expected)) in predictions.iter().zip(expected).enumerate() {
        let (found, wanted) = (found.distances.clone().unwrap_or_default(), &expected.distances);
        let root = |distance: f64| f64::from((distance as f32).sqrt());
        let are_roots = wanted.iter().map(|distance| root(*distance)).eq(found.iter().copied());
        let remark = if are_roots { ": they are not squared" } else { "" };
        ensure!(found == *wanted, "row {row}: distances {found:?}, not {wanted:?}{remark}");
    }
    Ok(())
}

/// Whether the neighbours have the labels expected; equally near ones in any order.
///
/// # Errors
/// The first difference.
pub fn compare_labels(predictions: &[ParsedPrediction], expected: &[Expected]) -> Result<()> {
    for (row, (found, expected)) in predictions.iter().zip(expected).enumerate() {
        let found = found.labels.clone().unwrap_or_default();
        let mut rest = &found[..];
        for group in &expected.labels {
            let (labels, after) = rest.split_at_checked(group.len()).context("too few labels")?;
            let mut labels = labels.to_vec();
            labels.sort_by(f64::total_cmp);
            ensure!(labels == *group, "row {row}: labels {found:?}, not {:?}", expected.labels);
            rest = after;
        }
    }
    Ok(())
}

impl EndpointResponse {
    /// Whether the answer is the expected one.
    ///
    /// # Errors
    /// The first difference.
    pub fn check(&self, expect: &Expect, accept: Option<&str>, model: &Fixture) -> Result<()> {
        if let Some(error) = &expect.error {
            bail!("answered, instead of {error}: {}", excerpt(&self.body));
        }
        ensure!(self.request_id.as_ref().is_some_and(|id| !id.is_empty()), "no request id");
        check_text("the content type", self.content_type.as_ref(), expect.content_type.as_ref())?;
        check_text("the variant", self.variant.as_ref(), expect.variant.as_ref())?;
        check_text(
            "the custom attributes",
            self.custom_attributes.as_ref(),
            expect.custom_attributes.as_ref(),
        )?;
        if let Some(text) = &expect.text {
            ensure!(self.body == text.as_bytes(), "the body is {}", excerpt(&self.body));
        }
        if let Some(hex) = &expect.hex {
            ensure!(self.body == crate::suite::from_hex(hex)?, "the body is {}", excerpt(&self.body));
        }
        if let Some(samples) = &expect.samples {
            let is_verbose = expect.verbose.unwrap_or_else(|| accept.is_some_and(is_verbose));
            let predictions = self.predictions()?;
            compare(&predictions, &crate::expected::expected(model, samples), is_verbose)?;
        }
        Ok(())
    }

    /// Returns the predictions of the body.
    ///
    /// # Errors
    /// If the body is not what its content type says.
    pub fn predictions(&self) -> Result<Vec<ParsedPrediction>> {
        let content_type = self.content_type.as_deref().unwrap_or_default();
        decode(content_type, &self.body).with_context(|| format!("the body is {}", excerpt(&self.body)))
    }
}

impl ExpectedError {
    /// Whether the error is the expected one.
    ///
    /// # Errors
    /// The first difference.
    pub fn check(&self, expect: &Expect) -> Result<()> {
        let Some(error) = &expect.error else {
            bail!("{} ({}): {}", self.class, self.status, self.message);
        };
        let (class, status, message) = (&self.class, self.status, &self.message);
        ensure!(class == error, "{class} ({status}) instead of {error}: {message}");
        ensure!(expect.status.is_none_or(|wanted| wanted == status), "the status is {status}");
        ensure!(self.request_id.as_ref().is_some_and(|id| !id.is_empty()), "no request id");
        if let Some(text) = &expect.message {
            ensure!(message.contains(text), "the message is {message:?}");
        }
        if let Some(original) = expect.original_status {
            let found = self.original_status;
            ensure!(found == Some(original), "OriginalStatusCode is {found:?}, not {original}");
            let says_something = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
            ensure!(says_something(&self.original_message), "OriginalMessage says nothing");
            ensure!(says_something(&self.log_stream_arn), "LogStreamArn says nothing");
        }
        Ok(())
    }
}

/// Returns whether an `Accept` asks for the neighbours.
#[must_use]
pub fn is_verbose(accept: &str) -> bool {
    accept.contains("verbose=true")
}

fn check_text(what: &str, found: Option<&String>, wanted: Option<&String>) -> Result<()> {
    let (found_text, right) = (found.map_or("", String::as_str), wanted.is_none_or(|w| Some(w) == found));
    ensure!(right, "{what} is {found_text:?}, not {:?}", wanted.map_or("", String::as_str));
    Ok(())
}

/// Returns the beginning of a body, for messages.
fn excerpt(body: &[u8]) -> String {
    const MOST: usize = 80;
    let text = String::from_utf8_lossy(&body[..body.len().min(MOST)]);
    format!("{text:?}{}", if body.len() > MOST { "…" } else { "" })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn right() -> (Vec<ParsedPrediction>, Vec<Expected>) {
        let prediction = ParsedPrediction {
            predicted_label: 7.0,
            distances: Some(vec![1.0, 4.0, 4.0]),
            labels: Some(vec![7.0, 8.0, 7.0]),
        };
        let labels = vec![vec![7.0], vec![7.0, 8.0]];
        let expected = Expected { predicted: Some(7.0), distances: vec![1.0, 4.0, 4.0], labels };
        (vec![prediction], vec![expected])
    }

    #[test]
    fn right_predictions_pass_in_any_order_of_ties() {
        let (found, expected) = right();
        compare(&found, &expected, true).unwrap();
        compare_distances(&found, &expected).unwrap();
        compare_labels(&found, &expected).unwrap();
    }

    #[test]
    fn every_difference_is_found() {
        let (found, expected) = right();
        let with = |change: fn(&mut ParsedPrediction)| {
            let mut found = found.clone();
            change(&mut found[0]);
            found
        };
        assert!(compare(&[], &expected, true).is_err());
        assert!(compare(&found, &expected, false).is_err(), "neighbours that were not asked for");
        assert!(compare(&with(|row| row.predicted_label = 8.0), &expected, true).is_err());
        assert!(compare(&with(|row| row.labels = None), &expected, true).is_err());
        assert!(compare(&with(|row| row.distances = Some(vec![4.0, 1.0, 4.0])), &expected, true).is_err());
        assert!(compare(&with(|row| row.distances = Some(vec![1.0, 4.0])), &expected, true).is_err());
        let roots = with(|row| row.distances = Some(vec![1.0, 2.0, 2.0]));
        let reason = compare_distances(&roots, &expected).unwrap_err().to_string();
        assert!(reason.ends_with("they are not squared"), "{reason}");
        assert!(compare_labels(&with(|row| row.labels = Some(vec![8.0, 7.0, 7.0])), &expected).is_err());
        assert!(compare_labels(&with(|row| row.labels = Some(vec![7.0])), &expected).is_err());
    }

    #[test]
    fn where_a_tie_decides_any_label_will_do() {
        let (mut found, mut expected) = right();
        expected[0].predicted = None;
        found[0].predicted_label = 8.0;
        compare(&found, &expected, true).unwrap();
    }

    #[test]
    fn answers_are_read_strictly() {
        let json = br#"{"predictions": [{"predicted_label": 1.0}]}"#;
        assert_eq!(decode("application/json", json).unwrap()[0].predicted_label, 1.0);
        assert!(decode("application/json", br#"{"predictions": [{"label": 1.0}]}"#).is_err());
        assert!(decode("application/json", br#"{"predictions": [], "more": 1}"#).is_err());
        assert!(decode("text/csv", b"1.0").is_err());
        assert!(decode("application/x-recordio-protobuf", &[0x0a, 0x23, 0xd7, 0xce]).is_err());
        let lines = b"{\"predicted_label\": 1.0}\n{\"predicted_label\": 2.0}";
        assert_eq!(decode("application/jsonlines", lines).unwrap().len(), 2);
    }

    #[test]
    fn an_error_must_have_its_class_its_status_and_its_members() {
        let expect = Expect {
            error: Some("ModelError".to_owned()),
            status: Some(424),
            original_status: Some(400),
            message: Some("client error".to_owned()),
            ..Expect::default()
        };
        let refusal = ExpectedError {
            class: "ModelError".to_owned(),
            status: 424,
            message: "Received client error (400)".to_owned(),
            original_status: Some(400),
            original_message: Some("too few".to_owned()),
            log_stream_arn: Some("arn:".to_owned()),
            request_id: Some("1".to_owned()),
        };
        refusal.check(&expect).unwrap();
        let changes: [fn(&mut ExpectedError); 7] = [
            |refusal| refusal.class = "ValidationError".to_owned(),
            |refusal| refusal.status = 400,
            |refusal| refusal.message.clear(),
            |refusal| refusal.original_status = Some(500),
            |refusal| refusal.original_message = None,
            |refusal| refusal.log_stream_arn = Some(String::new()),
            |refusal| refusal.request_id = None,
        ];
        for (position, change) in changes.iter().enumerate() {
            let mut refusal = refusal.clone();
            change(&mut refusal);
            assert!(refusal.check(&expect).is_err(), "change {position}");
        }
        assert!(refusal.check(&Expect::default()).is_err(), "an answer was expected");
    }
}
