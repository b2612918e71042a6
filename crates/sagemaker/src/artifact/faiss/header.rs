//! The 37 bytes that every index begins with.

use super::{Cursor, FaissError, Metric};

/// What stands in two places of the header that no version of faiss reads.
const DUMMY: i64 = 1 << 20;

/// The kinds of index that are read, told apart by their letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    FlatL2,
    FlatIp,
    IvfFlat,
    IvfPq,
}

impl Kind {
    const fn letters(self) -> &'static str {
        match self {
            Self::FlatL2 => "IxF2",
            Self::FlatIp => "IxFI",
            Self::IvfFlat => "IwFl",
            Self::IvfPq => "IwPQ",
        }
    }

    /// The flat index that measures so.
    pub(super) const fn flat(metric: Metric) -> Self {
        match metric {
            Metric::InnerProduct => Self::FlatIp,
            Metric::L2 => Self::FlatL2,
        }
    }

    /// The metrics that an index of this kind can have.
    const fn metrics(self) -> &'static [Metric] {
        match self {
            // An `IVFPQ` with inner products is made otherwise, and SageMaker makes none.
            Self::FlatL2 | Self::IvfPq => &[Metric::L2],
            Self::FlatIp => &[Metric::InnerProduct],
            Self::IvfFlat => &[Metric::InnerProduct, Metric::L2],
        }
    }
}

impl Metric {
    const fn number(self) -> i32 {
        match self {
            Self::InnerProduct => 0,
            Self::L2 => 1,
        }
    }
}

/// The header's fields that say something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: Kind,
    /// At least 1.
    pub(super) dim: usize,
    /// As many as a row number can count; not yet compared with what follows.
    pub(super) n_rows: u32,
    pub(super) metric: Metric,
}

impl Header {
    /// Reads the header of the index that is called `what` in messages.
    pub(super) fn read(
        cursor: &mut Cursor<'_>,
        what: &'static str,
        kinds: &[Kind],
    ) -> Result<Self, FaissError> {
        let letters = cursor.letters("the kind of index")?;
        let Some(&kind) = kinds.iter().find(|kind| kind.letters().as_bytes() == letters) else {
            let expected: Vec<_> = kinds.iter().map(|kind| kind.letters()).collect();
            return Err(FaissError::kind(what, letters, &expected));
        };
        let stated = cursor.i32("d")?;
        let dim = usize::try_from(stated).ok().filter(|&dim| dim > 0);
        let dim = dim.ok_or_else(|| FaissError::field("d", stated, "at least 1"))?;
        let stated = cursor.i64("ntotal")?;
        let n_rows = u32::try_from(stated)
            .map_err(|_| FaissError::field("ntotal", stated, format!("from 0 to {}", u32::MAX)))?;
        cursor.i64("the first dummy")?;
        cursor.i64("the second dummy")?;
        let is_trained = cursor.u8("is_trained")?;
        if is_trained != 1 {
            return Err(FaissError::field("is_trained", is_trained, "1: only a trained index predicts"));
        }
        let stated = cursor.i32("metric_type")?;
        let metric = kind.metrics().iter().find(|metric| metric.number() == stated);
        let &metric = metric.ok_or_else(|| {
            let numbers: Vec<_> = kind.metrics().iter().map(|metric| metric.number().to_string()).collect();
            FaissError::field(
                "metric_type",
                stated,
                format!("{} in {:?}", numbers.join(" or "), kind.letters()),
            )
        })?;
        Ok(Self { kind, dim, n_rows, metric })
    }

    pub(super) fn write(self, out: &mut Vec<u8>) {
        out.extend(self.kind.letters().as_bytes());
        out.extend((self.dim as i32).to_le_bytes());
        out.extend(i64::from(self.n_rows).to_le_bytes());
        out.extend(DUMMY.to_le_bytes());
        out.extend(DUMMY.to_le_bytes());
        out.push(1);
        out.extend(self.metric.number().to_le_bytes());
    }
}
