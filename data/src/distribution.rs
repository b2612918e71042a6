//! How likely each label is at each entry.

use mysfits_domain::{Entry, Label, MYSFIT_COUNT};

use crate::Prototypes;

/// One, in units of 2^-32.
const ONE: u64 = 1 << 32;

/// The probability of every label at every entry, in units of 2^-32: exactly what the generator draws from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distribution {
    /// For each entry and label the probability of this label or a lower one; the last is [`ONE`] and not stored.
    cumulative: Vec<[u32; MYSFIT_COUNT - 1]>,
}

impl Distribution {
    /// Returns the survey's distribution: softmax over the embedded prototypes.
    #[must_use]
    pub fn from_prototypes() -> Self {
        Self::softmax(&Prototypes::embedded())
    }

    /// Returns the softmax of -decay · squared distance to each prototype.
    #[must_use]
    pub fn softmax(prototypes: &Prototypes) -> Self {
        let weights = |entry: Entry| {
            prototypes.entries.each_ref().map(|prototype| {
                let pairs = prototype.answers().iter().zip(entry.answers());
                let squared_distance: u32 =
                    pairs.map(|(a, b)| u32::from(a.get().abs_diff(b.get())).pow(2)).sum();
                // In software, because the platforms' own exponentials differ in the last bit.
                libm::exp(-prototypes.decay * f64::from(squared_distance))
            })
        };
        Self { cumulative: Entry::all().map(|entry| cumulate(weights(entry))).collect() }
    }

    /// Returns a uniform distribution of labels, as in the workshop's own data: a model can learn nothing
    /// from it.
    #[must_use]
    pub fn uniform() -> Self {
        Self { cumulative: vec![cumulate([1.0; MYSFIT_COUNT]); Entry::COUNT] }
    }

    /// Returns the label whose share of the probabilities at `entry` a uniform number falls into.
    pub(crate) fn label(&self, entry: usize, uniform: u32) -> u8 {
        self.cumulative[entry].iter().map(|&up_to| u8::from(up_to <= uniform)).sum()
    }

    /// Returns the probability of a label at an entry.
    #[must_use]
    pub fn probability(&self, entry: Entry, label: Label) -> f64 {
        let bounds = &self.cumulative[entry.index()];
        let label = usize::from(label.get());
        let below = if label == 0 { 0 } else { u64::from(bounds[label - 1]) };
        let up_to = bounds.get(label).map_or(ONE, |&b| u64::from(b));
        (up_to - below) as f64 / ONE as f64
    }

    /// Returns the most likely label at an entry; of equally likely ones the lowest.
    #[must_use]
    pub fn best(&self, entry: Entry) -> Label {
        let likelier = |a: Label, b: Label| {
            if self.probability(entry, b) > self.probability(entry, a) { b } else { a }
        };
        Label::all().reduce(likelier).unwrap_or(mysfits_domain::catalogue()[0].label)
    }

    /// Returns the best accuracy that any model can reach: the mean over all entries of the likeliest label's
    /// probability.
    #[must_use]
    pub fn ceiling(&self) -> f64 {
        self.accuracy_of(|entry| self.best(entry))
    }

    /// Returns the exact expected accuracy of any rule that names a label for an entry, over uniformly drawn
    /// entries.
    pub fn accuracy_of(&self, rule: impl Fn(Entry) -> Label) -> f64 {
        Entry::all().map(|entry| self.probability(entry, rule(entry))).sum::<f64>() / Entry::COUNT as f64
    }
}

fn cumulate(weights: [f64; MYSFIT_COUNT]) -> [u32; MYSFIT_COUNT - 1] {
    let total: f64 = weights.iter().sum();
    let mut sum = 0.0;
    std::array::from_fn(|label| {
        sum += weights[label];
        // Saturates at 2^32 - 1 where all that remains is less than half a unit.
        (sum / total * ONE as f64).round() as u32
    })
}
