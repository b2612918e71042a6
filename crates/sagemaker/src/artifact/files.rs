//! The files of a model, by name.
//!
//! `model_HOST`, `model_HOST-labels.npy` or `model_HOST.labels`, and `model_HOST.json`, where the host is the one that
//! wrote them: `algo-1` for what is written here, `algo-` and a number for what is read. A job of several hosts might leave
//! a model of each, and each would be a part of the rows; so more than one host is refused rather than one of them chosen.

use super::ArtifactError;

/// One of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Metadata,
    /// The labels as the container writes them.
    Labels,
    /// The labels as the Developer Guide describes them; not read if the others are there.
    Float32Labels,
    Index,
}

impl Part {
    /// In the order in which an archive of the container has them.
    pub(super) const ALL: [Self; 4] = [Self::Metadata, Self::Labels, Self::Float32Labels, Self::Index];

    const fn ending(self) -> &'static str {
        match self {
            Self::Metadata => ".json",
            Self::Labels => "-labels.npy",
            Self::Float32Labels => ".labels",
            Self::Index => "",
        }
    }

    /// The largest that is read, in bytes. An index of four billion numbers is within it; of the metadata, which cost a
    /// multiple of their length when they are parsed, a mebibyte is more than any project has to say.
    pub(super) const fn max_bytes(self) -> u64 {
        match self {
            Self::Index | Self::Labels | Self::Float32Labels => 16 << 30,
            Self::Metadata => 1 << 20,
        }
    }
}

/// The name of a model's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    host: u32,
    pub(super) part: Part,
}

impl Name {
    /// The names that are written.
    pub(super) const fn written(part: Part) -> Self {
        Self { host: 1, part }
    }

    /// Reads a name; none, if it is not a model's.
    pub(super) fn parse(name: &[u8]) -> Option<Self> {
        let name = std::str::from_utf8(name).ok()?.strip_prefix("model_algo-")?;
        Part::ALL.into_iter().find_map(|part| {
            let digits = name.strip_suffix(part.ending())?;
            let host: u32 = digits.parse().ok()?;
            // Only as a number is usually written: no sign, no leading zero.
            (host > 0 && host.to_string() == digits).then_some(Self { host, part })
        })
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "model_algo-{}{}", self.host, self.part.ending())
    }
}

/// What is read: something for each of three files, such as their contents or paths.
#[derive(Debug)]
pub(super) struct Files<T> {
    pub(super) metadata: T,
    /// Which of the files of labels it is.
    pub(super) labels_part: Part,
    pub(super) labels: T,
    pub(super) index: T,
}

/// What is written: contents in the order of an archive.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) metadata: Vec<u8>,
    pub(super) labels: Vec<u8>,
    /// Not there if a label is not exactly an `f32`.
    pub(super) float32_labels: Option<Vec<u8>>,
    pub(super) index: Vec<u8>,
}

impl Written {
    pub(super) fn in_order(&self) -> impl Iterator<Item = (Part, &[u8])> {
        let float32_labels = self.float32_labels.as_deref();
        [
            (Part::Metadata, Some(self.metadata.as_slice())),
            (Part::Labels, Some(&self.labels)),
            (Part::Float32Labels, float32_labels),
            (Part::Index, Some(&self.index)),
        ]
        .into_iter()
        .filter_map(|(part, contents)| Some((part, contents?)))
    }
}

/// The files found so far.
#[derive(Debug)]
pub(super) struct Found<T> {
    host: Option<u32>,
    parts: [Option<T>; 4],
}

impl<T> Found<T> {
    pub(super) const fn nothing() -> Self {
        Self { host: None, parts: [None, None, None, None] }
    }

    /// Checks that a file of this name may be added: it is of the same host as the others, and not there yet.
    pub(super) fn expect(&mut self, name: Name) -> Result<(), ArtifactError> {
        let host = *self.host.get_or_insert(name.host);
        if host != name.host {
            return Err(ArtifactError::Hosts(host, name.host));
        }
        if self.parts[name.part as usize].is_some() {
            return Err(ArtifactError::Twice(name.to_string()));
        }
        Ok(())
    }

    pub(super) fn add(&mut self, part: Part, found: T) {
        self.parts[part as usize] = Some(found);
    }

    /// Returns the files that make a model, or which of them is missing.
    pub(super) fn all(self) -> Result<Files<T>, ArtifactError> {
        let Self { host, parts: [metadata, labels, float32_labels, index] } = self;
        let host = host.unwrap_or(1);
        let missing = |part| move || ArtifactError::Missing(Name { host, part }.to_string());
        let labels_part = if labels.is_some() { Part::Labels } else { Part::Float32Labels };
        Ok(Files {
            index: index.ok_or_else(missing(Part::Index))?,
            labels_part,
            labels: labels.or(float32_labels).ok_or_else(missing(Part::Labels))?,
            metadata: metadata.ok_or_else(missing(Part::Metadata))?,
        })
    }
}
