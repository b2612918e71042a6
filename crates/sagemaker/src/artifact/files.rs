//! The three files of a model, by name.
//!
//! `model_HOST`, `model_HOST.labels` and `model_HOST.json`, where the host is the one that wrote them: `algo-1` for
//! what is written here, `algo-` and a number for what is read. A job of several hosts might leave a model of each,
//! and each would be a part of the rows; so more than one host is refused rather than one of them chosen.

use super::ArtifactError;

/// One of the three files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Index,
    Labels,
    Metadata,
}

impl Part {
    /// In the order in which they are written.
    pub(super) const ALL: [Self; 3] = [Self::Index, Self::Labels, Self::Metadata];

    const fn ending(self) -> &'static str {
        match self {
            Self::Index => "",
            Self::Labels => ".labels",
            Self::Metadata => ".json",
        }
    }

    /// The largest that is read, in bytes. An index of four billion numbers is within it; of the metadata, which cost a
    /// multiple of their length when they are parsed, a mebibyte is more than any project has to say.
    pub(super) const fn max_bytes(self) -> u64 {
        match self {
            Self::Index | Self::Labels => 16 << 30,
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

/// Something for each of the three files: their contents, or where they are.
#[derive(Debug)]
pub(super) struct Files<T> {
    pub(super) index: T,
    pub(super) labels: T,
    pub(super) metadata: T,
}

impl<T> Files<T> {
    /// All of them, in the order in which they are written.
    pub(super) fn in_order(&self) -> [(Part, &T); 3] {
        [(Part::Index, &self.index), (Part::Labels, &self.labels), (Part::Metadata, &self.metadata)]
    }
}

/// The files found so far.
#[derive(Debug)]
pub(super) struct Found<T> {
    host: Option<u32>,
    parts: [Option<T>; 3],
}

impl<T> Found<T> {
    pub(super) const fn nothing() -> Self {
        Self { host: None, parts: [None, None, None] }
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

    /// The three, or which of them is missing.
    pub(super) fn all(self) -> Result<Files<T>, ArtifactError> {
        let Self { host, parts: [index, labels, metadata] } = self;
        let host = host.unwrap_or(1);
        let found = |file: Option<T>, part| {
            file.ok_or_else(|| ArtifactError::Missing(Name { host, part }.to_string()))
        };
        Ok(Files {
            index: found(index, Part::Index)?,
            labels: found(labels, Part::Labels)?,
            metadata: found(metadata, Part::Metadata)?,
        })
    }
}
