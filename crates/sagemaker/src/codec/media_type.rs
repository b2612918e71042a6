//! The `Content-Type` and `Accept` headers, as far as the k-NN container knows them.
//!
//! Names and parameters are told apart as RFC 9110 writes them: any case, white space around separators, values bare
//! or in quotes. A parameter that means nothing here is passed over; one that does must have a value that can be.
//!
//! Source: SageMaker Developer Guide, "k-NN Request and Response Formats", "Common Data Formats - Inference".

use std::fmt;

/// The request formats; refusals list them in this order.
const REQUESTS: [&str; 4] =
    ["text/csv", Format::Json.as_str(), Format::JsonLines.as_str(), Format::RecordIo.as_str()];

/// The format of a request's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    /// `application/x-recordio-protobuf`: framed `Record`s, a sample each.
    RecordIo,
}

/// The format of an answer's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Format {
    /// `application/json`: one object, `{"predictions": [..]}`. The default.
    #[default]
    Json,
    /// `application/jsonlines`: an object a line, no line feed after the last.
    JsonLines,
    /// `application/x-recordio-protobuf`: a framed `Record` for each row.
    RecordIo,
}

impl Format {
    /// All formats; refusals list them in this order, and the first is what "anything" means.
    pub const ALL: [Self; 3] = [Self::Json, Self::JsonLines, Self::RecordIo];

    /// SageMaker's name for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::JsonLines => "application/jsonlines",
            Self::RecordIo => "application/x-recordio-protobuf",
        }
    }
}

/// What an answer looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Accept {
    /// The format of its body.
    pub format: Format,
    /// Whether the neighbours' distances and labels are told beside the predicted label: the parameter `verbose=true`.
    pub verbose: bool,
}

/// One of the two headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Header {
    /// `Content-Type`.
    ContentType,
    /// `Accept`.
    Accept,
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ContentType => "Content-Type",
            Self::Accept => "Accept",
        })
    }
}

/// A media type that the container does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MediaTypeError {
    /// As the request's format: HTTP 415.
    #[error("Content-Type {found:?} is not supported. Please use one of: {}", REQUESTS.join(", "))]
    ContentType {
        /// What the header says; empty if there is none.
        found: String,
    },
    /// As the answer's format: HTTP 406.
    #[error("Accept type {found:?} is not supported. Please use one of: {}", Format::ALL.map(Format::as_str).join(", "))]
    Accept {
        /// What the header says.
        found: String,
    },
    /// A parameter whose value cannot be.
    #[error("the parameter {name} of {header} is {value:?}; it must be {expected}")]
    Parameter {
        /// The header that has it.
        header: Header,
        /// Its name.
        name: String,
        /// Its value; empty if there is none.
        value: String,
        /// What it must be.
        expected: &'static str,
    },
}

impl ContentType {
    /// Reads the header's value.
    ///
    /// `label_size` counts for CSV, `charset` and its older name `encoding` for all that is text. An encoding may be any
    /// in which ASCII characters, and so numbers, are the same bytes as in UTF-8.
    ///
    /// # Errors
    /// [`MediaTypeError`] if the container does not know the type or a parameter is out of range.
    pub fn parse(header: &str) -> Result<Self, MediaTypeError> {
        let (essence, parameters) = split(header);
        let is = |known: &str| essence.eq_ignore_ascii_case(known);
        let mut content_type = match REQUESTS.iter().position(|known| is(known)) {
            Some(0) => Self::Csv { label_size: 0 },
            Some(1) => Self::Json,
            Some(2) => Self::JsonLines,
            Some(_) => return Ok(Self::RecordIo), // bytes: no label column, no encoding
            None => return Err(MediaTypeError::ContentType { found: header.to_owned() }),
        };
        for (name, value) in parameters {
            let must_be = |expected| MediaTypeError::Parameter {
                header: Header::ContentType,
                name: name.clone(),
                value: value.clone(),
                expected,
            };
            match (name.as_str(), &mut content_type) {
                ("label_size", Self::Csv { label_size }) => {
                    *label_size = value.parse().map_err(|_| must_be("a number of columns"))?;
                }
                ("encoding" | "charset", _) if !is_ascii_superset(&value) => return Err(must_be(ENCODINGS)),
                _ => {}
            }
        }
        Ok(content_type)
    }
}

impl Accept {
    /// Reads the header's value: of a list the known type with the highest `q` counts, of equals the first.
    ///
    /// `*/*`, `application/*` and an empty header are JSON (or, where that is refused by `q=0`, the next format).
    ///
    /// # Errors
    /// [`MediaTypeError::Accept`] if none is known; [`MediaTypeError::Parameter`] if a known one's `verbose` is neither
    /// true nor false, or its `q` no number from 0 to 1.
    pub fn parse(header: &str) -> Result<Self, MediaTypeError> {
        let wanted = elements(header, ',').map(Wanted::parse).collect::<Result<Vec<_>, _>>()?;
        if wanted.is_empty() {
            return Ok(Self::default());
        }
        let refused =
            |format: &Format| wanted.iter().any(|w| w.quality == 0.0 && w.what == What::Is(*format));
        let mut best: Option<(f32, Self)> = None;
        for Wanted { what, quality, verbose } in &wanted {
            let format = match what {
                What::Is(format) => Some(*format),
                What::Any => Format::ALL.into_iter().find(|format| !refused(format)),
                What::Unknown => None,
            };
            // Strictly better only: of equals the first stays.
            if let Some(format) = format
                && *quality > best.map_or(0.0, |(quality, _)| quality)
            {
                best = Some((*quality, Self { format, verbose: *verbose }));
            }
        }
        best.map(|(_, accept)| accept).ok_or_else(|| MediaTypeError::Accept { found: header.to_owned() })
    }

    /// What the answer's `Content-Type` header says: the format, without `verbose`.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        self.format.as_str()
    }
}

/// An element of an `Accept` list.
struct Wanted {
    what: What,
    quality: f32,
    verbose: bool,
}

#[derive(PartialEq)]
enum What {
    Is(Format),
    Any,
    Unknown,
}

impl Wanted {
    fn parse(element: &str) -> Result<Self, MediaTypeError> {
        let (essence, parameters) = split(element);
        let is = |known: &str| essence.eq_ignore_ascii_case(known);
        let what = match Format::ALL.into_iter().find(|format| is(format.as_str())) {
            Some(format) => What::Is(format),
            None if is("*/*") || is("application/*") => What::Any,
            None => What::Unknown,
        };
        let mut wanted = Self { what, quality: 1.0, verbose: false };
        if wanted.what == What::Unknown {
            return Ok(wanted); // its parameters are not ours to judge
        }
        for (name, value) in parameters {
            let must_be = |expected| MediaTypeError::Parameter {
                header: Header::Accept,
                name: name.clone(),
                value: value.clone(),
                expected,
            };
            match name.as_str() {
                "verbose" if value.eq_ignore_ascii_case("true") => wanted.verbose = true,
                "verbose" if value.eq_ignore_ascii_case("false") => wanted.verbose = false,
                "verbose" => return Err(must_be("true or false")),
                "q" => {
                    let quality = value.parse().ok().filter(|q| (0.0..=1.0).contains(q));
                    wanted.quality = quality.ok_or_else(|| must_be("a number from 0 to 1"))?;
                }
                _ => {}
            }
        }
        Ok(wanted)
    }
}

const ENCODINGS: &str =
    "utf-8, or an encoding with the same bytes for ascii, such as iso-8859-1 or windows-1252";

/// Whether ASCII characters are the same bytes in an encoding as in UTF-8. Names are those of IANA and of Python, in any
/// case and with any separators.
fn is_ascii_superset(encoding: &str) -> bool {
    let mut name = encoding.to_ascii_lowercase();
    name.retain(|c| c.is_ascii_alphanumeric());
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_numbered = |prefix: &str| name.strip_prefix(prefix).is_some_and(is_number);
    let is_named =
        ["utf8", "utf8sig", "usascii", "ascii", "koi8r", "koi8u", "gbk", "gb18030", "eucjp", "euckr", "big5"]
            .contains(&name.as_str());
    // The numbered code pages of Windows are ASCII below 128; those of IBM are not all.
    is_named || ["iso8859", "latin", "windows125", "cp125"].iter().any(|prefix| is_numbered(prefix))
}

/// The type, and the parameters: names in lower case, values without quotes, empty for a name alone.
fn split(header: &str) -> (&str, impl Iterator<Item = (String, String)>) {
    let mut parts = elements(header, ';');
    let essence = parts.next().unwrap_or_default();
    let parameters = parts.map(|part| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (name.trim().to_ascii_lowercase(), unquoted(value.trim()))
    });
    (essence, parameters)
}

/// The parts between separators that do not stand in quotes, without white space around them; empty ones are nothing.
fn elements(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut in_quotes, mut is_escaped) = (false, false);
    let separates = move |c: char| {
        let was_escaped = std::mem::take(&mut is_escaped);
        match c {
            _ if was_escaped => {}
            '\\' => is_escaped = in_quotes,
            '"' => in_quotes = !in_quotes,
            _ => return c == separator && !in_quotes,
        }
        false
    };
    text.split(separates).map(str::trim).filter(|part| !part.is_empty())
}

fn unquoted(value: &str) -> String {
    let Some(inside) = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) else {
        return value.to_owned();
    };
    let mut characters = inside.chars();
    let mut text = String::with_capacity(inside.len());
    while let Some(c) = characters.next() {
        // A backslash quotes the character after it.
        text.extend(if c == '\\' { characters.next() } else { Some(c) });
    }
    text
}
