//! The `Content-Type` and `Accept` headers of the k-NN container.
//!
//! Types and parameters have the syntax of RFC 9110: any case, white space around separators, values with or without
//! quotes. Unknown parameters are ignored; known ones must have a valid value.
//!
//! Source: SageMaker Developer Guide, "k-NN Request and Response Formats", "Common Data Formats - Inference".

/// The request formats, in the order in which errors list them.
const REQUESTS: [&str; 4] =
    ["text/csv", Format::Json.as_str(), Format::JsonLines.as_str(), Format::RecordIo.as_str()];

/// The format of a request's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ContentType {
    /// `text/csv`: one sample in each line, no header. The parameter `label_size` (default 0) is the number of leading label
    /// columns, which are ignored.
    Csv {
        /// Leading columns that are not features.
        label_size: usize,
    },
    /// `application/json`: `{"instances": [{"features": [..]}, ..]}`.
    Json,
    /// `application/jsonlines`: one instance in each line.
    JsonLines,
    /// `application/x-recordio-protobuf`: framed `Record`s, one sample in each.
    RecordIo,
}

/// The format of a response's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Format {
    /// `application/json`: one object, `{"predictions": [..]}`. The default.
    #[default]
    Json,
    /// `application/jsonlines`: one object in each line, no line feed after the last.
    JsonLines,
    /// `application/x-recordio-protobuf`: a framed `Record` for each row.
    RecordIo,
}

impl Format {
    /// All formats, in the order in which errors list them. The first is used for `*/*`.
    pub const ALL: [Self; 3] = [Self::Json, Self::JsonLines, Self::RecordIo];

    /// Returns the media type.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::JsonLines => "application/jsonlines",
            Self::RecordIo => "application/x-recordio-protobuf",
        }
    }
}

/// The requested form of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Accept {
    /// The format of its body.
    pub format: Format,
    /// Whether the response has the distances and labels of the neighbours: the parameter `verbose=true`.
    pub verbose: bool,
}

/// An unsupported media type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MediaTypeError {
    /// The format of the request is not supported: HTTP 415.
    #[error("Content-Type {found:?} is not supported. Please use one of: {}", REQUESTS.join(", "))]
    ContentType {
        /// The value of the header; empty if it is missing.
        found: String,
    },
    /// The format of the response is not supported: HTTP 406.
    #[error("Accept type {found:?} is not supported. Please use one of: {}", Format::ALL.map(Format::as_str).join(", "))]
    Accept {
        /// The value of the header.
        found: String,
    },
    /// A parameter has an invalid value: HTTP 400.
    #[error("the parameter {name} of {header} is {value:?}; it must be {expected}")]
    Parameter {
        /// The header with the parameter, `Content-Type` or `Accept`.
        header: &'static str,
        /// Its name.
        name: String,
        /// Its value; empty if it is missing.
        value: String,
        /// What is allowed.
        expected: &'static str,
    },
}

impl MediaTypeError {
    fn parameter(header: &'static str, name: &str, value: &str, expected: &'static str) -> Self {
        Self::Parameter { header, name: name.to_owned(), value: value.to_owned(), expected }
    }
}

impl ContentType {
    /// Reads the header's value.
    ///
    /// `label_size` counts for CSV, `charset` and its older name `encoding` for all that is text. An encoding may be any
    /// in which ASCII characters are the same bytes as in UTF-8.
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
            let must_be = |expected| MediaTypeError::parameter("Content-Type", &name, &value, expected);
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
    /// Reads the header's value. Of a list, selects the known type with the highest `q`; of equals the first.
    ///
    /// `*/*`, `application/*` and an empty header mean JSON (or the next format if JSON has `q=0`).
    ///
    /// # Errors
    /// [`MediaTypeError::Accept`] if no type is known; [`MediaTypeError::Parameter`] if `verbose` of a known type
    /// is neither true nor false, or `q` is not a number from 0 to 1.
    pub fn parse(header: &str) -> Result<Self, MediaTypeError> {
        let items = elements(header, ',').map(AcceptItem::parse).collect::<Result<Vec<_>, _>>()?;
        if items.is_empty() {
            return Ok(Self::default());
        }
        let refused = |format: &Format| {
            items.iter().any(|item| item.quality == 0.0 && item.range == MediaRange::Is(*format))
        };
        let mut best: Option<(f32, Self)> = None;
        for AcceptItem { range, quality, verbose } in &items {
            let format = match range {
                MediaRange::Is(format) => Some(*format),
                MediaRange::Any => Format::ALL.into_iter().find(|format| !refused(format)),
                MediaRange::Unknown => None,
            };
            // Of equals the first wins.
            if let Some(format) = format
                && *quality > best.map_or(0.0, |(quality, _)| quality)
            {
                best = Some((*quality, Self { format, verbose: *verbose }));
            }
        }
        best.map(|(_, accept)| accept).ok_or_else(|| MediaTypeError::Accept { found: header.to_owned() })
    }

    /// Returns the `Content-Type` of the response.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        self.format.as_str()
    }
}

/// An item of an `Accept` list.
struct AcceptItem {
    range: MediaRange,
    quality: f32,
    verbose: bool,
}

#[derive(PartialEq)]
enum MediaRange {
    Is(Format),
    Any,
    Unknown,
}

impl AcceptItem {
    fn parse(element: &str) -> Result<Self, MediaTypeError> {
        let (essence, parameters) = split(element);
        let is = |known: &str| essence.eq_ignore_ascii_case(known);
        let range = match Format::ALL.into_iter().find(|format| is(format.as_str())) {
            Some(format) => MediaRange::Is(format),
            None if is("*/*") || is("application/*") => MediaRange::Any,
            None => MediaRange::Unknown,
        };
        let mut item = Self { range, quality: 1.0, verbose: false };
        if item.range == MediaRange::Unknown {
            return Ok(item); // its parameters are unknown, too
        }
        for (name, value) in parameters {
            let must_be = |expected| MediaTypeError::parameter("Accept", &name, &value, expected);
            match name.as_str() {
                "verbose" if value.eq_ignore_ascii_case("true") => item.verbose = true,
                "verbose" if value.eq_ignore_ascii_case("false") => item.verbose = false,
                "verbose" => return Err(must_be("true or false")),
                "q" => {
                    let quality = value.parse().ok().filter(|q| (0.0..=1.0).contains(q));
                    item.quality = quality.ok_or_else(|| must_be("a number from 0 to 1"))?;
                }
                _ => {}
            }
        }
        Ok(item)
    }
}

const ENCODINGS: &str =
    "utf-8, or an encoding with the same bytes for ascii, such as iso-8859-1 or windows-1252";

/// Returns whether ASCII characters are the same bytes in an encoding as in UTF-8. Accepts the names of IANA and Python, in
/// any case and with any separators.
fn is_ascii_superset(encoding: &str) -> bool {
    let mut name = encoding.to_ascii_lowercase();
    name.retain(|c| c.is_ascii_alphanumeric());
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_numbered = |prefix: &str| name.strip_prefix(prefix).is_some_and(is_number);
    let is_named =
        ["utf8", "utf8sig", "usascii", "ascii", "koi8r", "koi8u", "gbk", "gb18030", "eucjp", "euckr", "big5"]
            .contains(&name.as_str());
    // The code pages of Windows are ASCII below 128; not all of IBM's are.
    is_named || ["iso8859", "latin", "windows125", "cp125"].iter().any(|prefix| is_numbered(prefix))
}

/// Returns the type and the parameters: names in lower case, values without quotes, empty for a name alone.
fn split(header: &str) -> (&str, impl Iterator<Item = (String, String)>) {
    let mut parts = elements(header, ';');
    let essence = parts.next().unwrap_or_default();
    let parameters = parts.map(|part| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (name.trim().to_ascii_lowercase(), unquoted(value.trim()))
    });
    (essence, parameters)
}

/// Returns the parts between separators outside of quotes, trimmed; empty parts are skipped.
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
        // A backslash escapes the next character.
        text.extend(if c == '\\' { characters.next() } else { Some(c) });
    }
    text
}
