//! What the notebook and the program `mysfits-notebook-cloud` say to each other: a line of JSON for each request on the
//! program's standard input, a line of JSON for each reply on its standard output, in the same order.

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Serialize};

/// The variable that names the program. Without it, or without credentials, everything stays in this process.
pub const PROGRAM: &str = "MYSFITS_NOTEBOOK_CLOUD";

/// What the notebook wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// To know where SageMaker is. Answered by [`Reply::Place`] or [`Reply::Nowhere`].
    Place,
    /// The name of a training job or an endpoint of the stage. Answered by [`Reply::Name`].
    Name {
        /// What tells it apart from others.
        what: String,
    },
    /// A file in the data bucket, below this key. Answered by [`Reply::Uri`].
    Upload {
        /// The file.
        file: PathBuf,
        /// Its key.
        key: String,
    },
    /// A training job with the built-in algorithm, waited for. Answered by [`Reply::Trained`].
    Train {
        /// The job's name.
        name: String,
        /// Where the training data lies.
        train_uri: String,
        /// Where the test data lies.
        test_uri: String,
        /// The algorithm's parameters, as text.
        hyperparameters: BTreeMap<String, String>,
    },
    /// An endpoint, waited for. Answered by [`Reply::Done`].
    Deploy {
        /// The endpoint's name, and that of its configuration and its model.
        endpoint: String,
        /// The model.
        artifact_uri: String,
    },
    /// Predictions of rows of CSV. Answered by [`Reply::Body`].
    Predict {
        /// The endpoint.
        endpoint: String,
        /// The rows.
        csv: String,
    },
    /// An endpoint, its configuration and its model removed, waited for. Answered by [`Reply::Done`].
    Delete {
        /// The endpoint.
        endpoint: String,
    },
    /// To know whether there is such an endpoint. Answered by [`Reply::Exists`].
    Exists {
        /// The endpoint.
        endpoint: String,
    },
}

/// What the program answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// Where SageMaker is: a region, or an address that stands for one.
    Place(String),
    /// The name.
    Name(String),
    /// Where the file lies.
    Uri(String),
    /// A model was trained.
    Trained {
        /// Where it lies.
        artifact_uri: String,
        /// `test:accuracy`, as the job reports it.
        accuracy: f64,
    },
    /// The endpoint's answer: `{"predictions": …}`.
    Body(String),
    /// Whether it exists.
    Exists(bool),
    /// Credentials or region are missing.
    Nowhere,
    /// It is done.
    Done,
    /// It is not: why.
    Failed(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_a_line_and_comes_back_as_it_was() {
        let requests = [
            Request::Place,
            Request::Upload { file: "a b/train.pbr".into(), key: "notebook/train".to_owned() },
            Request::Predict { endpoint: "knn-e".to_owned(), csv: "1,2\n3,4\n".to_owned() },
        ];
        for request in requests {
            let line = serde_json::to_string(&request).unwrap();
            assert!(!line.contains('\n'), "{line}");
            assert_eq!(serde_json::from_str::<Request>(&line).unwrap(), request);
        }
        assert_eq!(serde_json::to_string(&Request::Place).unwrap(), r#""place""#);
        assert_eq!(serde_json::to_string(&Reply::Exists(false)).unwrap(), r#"{"exists":false}"#);
    }
}
