//! Requests to the endpoint, and its responses.

use mysfits_domain::{Entry, Explanation, Label, Recommendation, UnknownLabel};
use mysfits_knn::Neighbour;
use serde::Deserialize;

use crate::backend::model::explanation;

/// The longest part of a response that an error repeats, in characters.
const MAX_QUOTED_CHARS: usize = 80;

/// Returns the body for an entry: one JSON line.
pub(super) fn request(entry: Entry) -> Vec<u8> {
    let answers = entry.answers().map(|answer| answer.get().to_string()).join(", ");
    format!("{{\"features\": [{answers}]}}").into_bytes()
}

/// An invalid response.
#[derive(Debug, thiserror::Error)]
pub(super) enum AnswerError {
    #[error("it is not the JSON of k-NN predictions ({cause}): {beginning:?}")]
    Malformed { cause: serde_json::Error, beginning: String },
    #[error("it has {found} predictions for one entry")]
    Count { found: usize },
    #[error(transparent)]
    Label(#[from] UnknownLabel),
    #[error(
        "it tells of {distances} distances and {labels} labels; there must be one of each for each neighbour"
    )]
    Neighbours { distances: usize, labels: usize },
    #[error("a distance is {0}; it must be the square of a distance: the metric of the model must be L2")]
    Distance(f32),
    #[error("distance {after} follows {before}; distances must be sorted from smallest to largest")]
    Order { before: f32, after: f32 },
}

#[derive(Deserialize)]
struct EndpointAnswer {
    predictions: Vec<Prediction>,
}

#[derive(Deserialize)]
struct Prediction {
    predicted_label: f64,
    #[serde(default)]
    distances: Vec<f32>,
    #[serde(default)]
    labels: Vec<f64>,
}

/// Reads a response, and its explanation by a backend if it is verbose.
pub(super) fn read(body: &[u8], explain: Option<&str>) -> Result<Recommendation, AnswerError> {
    let answer: EndpointAnswer = serde_json::from_slice(body).map_err(|cause| {
        let beginning = String::from_utf8_lossy(body).chars().take(MAX_QUOTED_CHARS).collect();
        AnswerError::Malformed { cause, beginning }
    })?;
    let [prediction] = answer.predictions.as_slice() else {
        return Err(AnswerError::Count { found: answer.predictions.len() });
    };
    let label = Label::try_from(prediction.predicted_label)?;
    let explanation = explain.map(|backend| explain_as(backend, prediction)).transpose()?;
    Ok(Recommendation { recommended_mysfit: label.mysfit().id, explanation })
}

fn explain_as(backend: &str, prediction: &Prediction) -> Result<Explanation, AnswerError> {
    let Prediction { distances, labels, .. } = prediction;
    if distances.is_empty() || distances.len() != labels.len() {
        return Err(AnswerError::Neighbours { distances: distances.len(), labels: labels.len() });
    }
    if let Some(&similarity) = distances.iter().find(|squared| **squared < 0.0) {
        return Err(AnswerError::Distance(similarity));
    }
    // Source: SageMaker Developer Guide, "k-NN Request and Response Formats": sorted from smallest to largest. Similarities
    // are, too: nothing but a negative one tells that they are no distances.
    if let Some(&[before, after]) = distances.array_windows().find(|[before, after]| before > after) {
        return Err(AnswerError::Order { before, after });
    }
    let neighbours = labels.iter().zip(distances);
    let neighbours: Vec<_> = neighbours.map(|(&label, &score)| Neighbour { row: 0, label, score }).collect();
    Ok(explanation(backend, &neighbours)?)
}

#[cfg(test)]
mod tests {
    use mysfits_domain::{Vote, catalogue};

    use super::*;

    #[test]
    fn sends_an_entry_in_the_format_of_the_workshop() {
        let entry = Entry::try_from([1, 2, 3, 4, 5].as_slice()).unwrap();
        assert_eq!(request(entry), br#"{"features": [1, 2, 3, 4, 5]}"#);
    }

    #[test]
    fn reads_the_mysfit_from_the_label() {
        for mysfit in catalogue() {
            let body = format!(r#"{{"predictions":[{{"predicted_label":{}.0}}]}}"#, mysfit.label.get());
            let expected = Recommendation { recommended_mysfit: mysfit.id, explanation: None };
            assert_eq!(read(body.as_bytes(), None).unwrap(), expected);
        }
    }

    #[test]
    fn reads_an_explanation_from_a_verbose_response() {
        let body = br#"{"predictions": [{"predicted_label": 8.0, "distances": [0.0, 1.0, 4.0, 4.0, 9.0],
            "labels": [3.0, 8.0, 8.0, 0.0, 3.0]}]}"#;
        let explanation = read(body, Some("endpoint")).unwrap().explanation.unwrap();
        let mysfits = catalogue();
        let vote = |label: usize, count| Vote { mysfit: mysfits[label].id, count };
        assert_eq!(explanation.votes, [vote(3, 2), vote(8, 2), vote(0, 1)]);
        assert_eq!(explanation.distances, [0.0, 1.0, 2.0, 2.0, 3.0]);
        assert_eq!(explanation.neighbours, [3, 8, 8, 0, 3].map(|label| mysfits[label].id));
        assert_eq!((explanation.k, explanation.backend.as_str()), (5, "endpoint"));
    }

    #[test]
    fn rejects_invalid_responses_with_the_reason() {
        let check = |body: &str, explain: Option<&str>, expected: &str| {
            let error = read(body.as_bytes(), explain).unwrap_err().to_string();
            assert!(error.contains(expected), "{body}: {error}");
        };
        check("", None, "not the JSON of k-NN predictions (EOF");
        check("<html>", None, r#""<html>""#);
        check("{}", None, "missing field `predictions`");
        check(r#"{"predictions":[]}"#, None, "0 predictions");
        check(r#"{"predictions":[{"predicted_label":1},{"predicted_label":1}]}"#, None, "2 predictions");
        check(r#"{"predictions":[{"score":1}]}"#, None, "predicted_label");
        check(r#"{"predictions":[{"predicted_label":"8.0"}]}"#, None, "invalid type: string");
        for label in ["12.0", "-1.0", "8.5", "1e30"] {
            check(&format!(r#"{{"predictions":[{{"predicted_label":{label}}}]}}"#), None, "label");
        }
        let plain = r#"{"predictions":[{"predicted_label":8.0}]}"#;
        check(plain, Some("endpoint"), "0 distances and 0 labels");
        let uneven = r#"{"predictions":[{"predicted_label":8.0,"distances":[1.0,2.0],"labels":[8.0]}]}"#;
        check(uneven, Some("endpoint"), "2 distances and 1 labels");
        let negative = r#"{"predictions":[{"predicted_label":8.0,"distances":[-1.0],"labels":[8.0]}]}"#;
        check(negative, Some("endpoint"), "a distance is -1");
        let unsorted =
            r#"{"predictions":[{"predicted_label":8.0,"distances":[0.9,0.5],"labels":[8.0,8.0]}]}"#;
        check(unsorted, Some("endpoint"), "distance 0.5 follows 0.9; distances must be sorted");
        let unknown = r#"{"predictions":[{"predicted_label":8.0,"distances":[1.0],"labels":[12.0]}]}"#;
        check(unknown, Some("endpoint"), "12");
    }
}
