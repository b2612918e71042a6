//! The survey's rows, one after another.

use std::io::{self, Write};

use mysfits_domain::{Entry, Label};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng as _};

use crate::Distribution;

/// One visitor: the answers, and the favourite mysfit's label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// The answers.
    pub entry: Entry,
    /// The label of the favourite mysfit.
    pub label: Label,
}

/// An endless stream of visitors; take as many as you need.
///
/// One 64-bit number a row: its lowest 15 bits are the entry's index, its highest 32 the place in the label's
/// probabilities. The generator is `ChaCha8`; its key is the seed's eight bytes, least significant first, and
/// the domain tag `mysfits-data: the survey`. The tag makes the stream differ from other uses of the same
/// seed.
#[derive(Debug, Clone)]
pub struct Survey<'a> {
    distribution: &'a Distribution,
    random: ChaCha8Rng,
}

// Drawing an entry by masking bits is uniform because there are a power of two of them; so the build checks that.
const _: () = assert!(Entry::COUNT.is_power_of_two() && Entry::COUNT <= 1 << 32);

impl<'a> Survey<'a> {
    /// Returns the survey with this seed.
    #[must_use]
    pub fn new(distribution: &'a Distribution, seed: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..].copy_from_slice(b"mysfits-data: the survey");
        Self { distribution, random: ChaCha8Rng::from_seed(key) }
    }
}

impl Iterator for Survey<'_> {
    type Item = Sample;

    fn next(&mut self) -> Option<Sample> {
        let random = self.random.next_u64();
        let index = random as usize & (Entry::COUNT - 1);
        let label = self.distribution.label(index, (random >> 32) as u32);
        Some(Sample { entry: Entry::from_index(index)?, label: Label::try_from(label).ok()? })
    }
}

/// Where the label stands in a row of CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Layout {
    /// Five answers, then the label: the survey's own layout.
    #[default]
    LabelLast,
    /// The label, then five answers: SageMaker's `text/csv;label_size=1`.
    LabelFirst,
}

impl Layout {
    /// Writes one row of CSV, without header, ended by a line feed.
    ///
    /// # Errors
    /// The writer's.
    pub fn write_row(self, sample: Sample, out: &mut impl Write) -> io::Result<()> {
        // The longest row: five one-digit answers and a label of up to three digits, each with its separator.
        let mut row = CsvRow::default();
        if self == Self::LabelFirst {
            row.number(sample.label.get(), b',');
        }
        let answers = sample.entry.answers();
        for (i, answer) in answers.iter().enumerate() {
            let is_last = i + 1 == answers.len() && self == Self::LabelFirst;
            row.number(answer.get(), if is_last { b'\n' } else { b',' });
        }
        if self == Self::LabelLast {
            row.number(sample.label.get(), b'\n');
        }
        out.write_all(&row.bytes[..row.len])
    }
}

/// A row under construction, on the stack: a million of these are written in a few dozen milliseconds.
#[derive(Default)]
struct CsvRow {
    bytes: [u8; 32],
    len: usize,
}

impl CsvRow {
    fn number(&mut self, number: u8, separator: u8) {
        for (unit, smallest) in [(100, 100), (10, 10), (1, 0)] {
            if number >= smallest {
                self.push(b'0' + number / unit % 10);
            }
        }
        self.push(separator);
    }

    fn push(&mut self, byte: u8) {
        self.bytes[self.len] = byte;
        self.len += 1;
    }
}
