//! The header of all indexes, 37 bytes.

use super::{Cursor, FaissError, FaissMetric};

/// The value of two fields that no version of faiss reads.
const DUMMY: i64 = 1 << 20;

/// The supported kinds of index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FaissKind {
    FlatL2,
    FlatIp,
    IvfFlat,
    IvfPq,
}

impl FaissKind {
    const fn letters(self) -> &'static str {
        match self {
            Self::FlatL2 => "IxF2",
            Self::FlatIp => "IxFI",
            Self::IvfFlat => "IwFl",
            Self::IvfPq => "IwPQ",
        }
    }

    /// Returns the flat index with this metric.
    pub(super) const fn flat(metric: FaissMetric) -> Self {
        match metric {
            FaissMetric::InnerProduct => Self::FlatIp,
            FaissMetric::L2 => Self::FlatL2,
        }
    }

    /// Returns the metrics that an index of this kind can have.
    const fn metrics(self) -> &'static [FaissMetric] {
        match self {
            // SageMaker does not build an `IVFPQ` with inner products, whose format differs.
            Self::FlatL2 | Self::IvfPq => &[FaissMetric::L2],
            Self::FlatIp => &[FaissMetric::InnerProduct],
            Self::IvfFlat => &[FaissMetric::InnerProduct, FaissMetric::L2],
        }
    }
}

impl FaissMetric {
    const fn number(self) -> i32 {
        match self {
            Self::InnerProduct => 0,
            Self::L2 => 1,
        }
    }
}

/// The fields of the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct IndexHeader {
    pub(super) kind: FaissKind,
    /// At least 1.
    pub(super) dim: usize,
    /// Not yet compared with the remaining bytes.
    pub(super) n_rows: u32,
    pub(super) metric: FaissMetric,
}

impl IndexHeader {
    /// Reads the header of an index, which messages call `what`.
    pub(super) fn read(
        cursor: &mut Cursor<'_>,
        what: &'static str,
        kinds: &[FaissKind],
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
        FaissError::check(is_trained == 1, "is_trained", is_trained, "1: only a trained index predicts")?;
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
