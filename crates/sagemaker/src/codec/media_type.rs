//! The `Content-Type` and `Accept` headers, as far as the k-NN container knows them.

/// The format of a request's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentType {
    /// `text/csv`: a sample a line, no header. The parameter `label_size` (0 by default) says how many leading columns
    /// are labels and to be passed over.
    Csv {
        /// Leading columns that are not features.
        label_size: usize,
    },
    /// `application/json`: `{"instances": [{"features": [..]}, ..]}`.
    Json,
    /// `application/jsonlines`: an instance a line.
    JsonLines,
}

/// The format of an answer's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Accept {
    /// `application/json`; also when nothing is said, or anything will do.
    #[default]
    Json,
}

/// A media type that the container does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MediaTypeError {
    /// As the request's format: HTTP 415.
    #[error(
        "Content-Type {found:?} is not supported. Please use one of: text/csv, application/json, application/jsonlines"
    )]
    ContentType {
        /// What the header says; empty if there is none.
        found: String,
    },
    /// As the answer's format: HTTP 406.
    #[error("Accept type {found:?} is not supported. Please use one of: application/json")]
    Accept {
        /// What the header says.
        found: String,
    },
    /// A parameter whose value cannot be.
    #[error("the parameter {name} of the Content-Type is {value:?}; it must be {expected}")]
    Parameter {
        /// Its name.
        name: &'static str,
        /// Its value.
        value: String,
        /// What it must be.
        expected: &'static str,
    },
}

impl ContentType {
    /// Reads the header's value.
    ///
    /// # Errors
    /// [`MediaTypeError`] if the container does not know the type or a parameter is out of range.
    pub fn parse(header: &str) -> Result<Self, MediaTypeError> {
        let (essence, parameters) = split(header);
        match essence.as_str() {
            "text/csv" => {
                let mut label_size = 0;
                for (name, value) in parameters {
                    match name.as_str() {
                        "label_size" => {
                            label_size = value.parse().map_err(|_| MediaTypeError::Parameter {
                                name: "label_size",
                                value,
                                expected: "a number of columns",
                            })?;
                        }
                        "encoding" | "charset" if !is_utf8(&value) => {
                            return Err(MediaTypeError::Parameter {
                                name: "encoding",
                                value,
                                expected: "utf-8",
                            });
                        }
                        _ => {}
                    }
                }
                Ok(Self::Csv { label_size })
            }
            "application/json" => Ok(Self::Json),
            "application/jsonlines" => Ok(Self::JsonLines),
            _ => Err(MediaTypeError::ContentType { found: header.to_owned() }),
        }
    }
}

impl Accept {
    /// Reads the header's value; the first type of a list that is known counts.
    ///
    /// # Errors
    /// [`MediaTypeError::Accept`] if none is known.
    pub fn parse(header: &str) -> Result<Self, MediaTypeError> {
        for wanted in header.split(',') {
            if matches!(split(wanted).0.as_str(), "application/json" | "application/*" | "*/*" | "") {
                return Ok(Self::Json);
            }
        }
        Err(MediaTypeError::Accept { found: header.to_owned() })
    }
}

fn is_utf8(encoding: &str) -> bool {
    ["utf-8", "utf8", "us-ascii", "ascii"].iter().any(|known| encoding.eq_ignore_ascii_case(known))
}

/// The type in lower case, and the parameters, names in lower case and values without quotes.
fn split(header: &str) -> (String, impl Iterator<Item = (String, String)>) {
    let mut parts = header.split(';');
    let essence = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
    let parameters = parts.filter_map(|part| {
        let (name, value) = part.split_once('=')?;
        Some((name.trim().to_ascii_lowercase(), value.trim().trim_matches('"').to_owned()))
    });
    (essence, parameters)
}
