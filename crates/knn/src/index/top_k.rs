//! The `k` nearest rows of a search, in the order that all indexes share.

/// A row that may be among the nearest: its sort key and row number, in one integer that sorts by both.
///
/// Sort keys are never NaN for [`Metric::L2`](crate::Metric::L2). For the other metrics an overflow can produce NaN, which
/// sorts last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Candidate(u64);

impl Candidate {
    /// Farther than any row.
    const FARTHEST: Self = Self(u64::MAX);

    pub(crate) fn new(sort_key: f32, row: u32) -> Self {
        // The NaN of an overflow depends on the processor; this one sorts after infinity.
        let bits = if sort_key.is_nan() { f32::NAN.to_bits() } else { sort_key.to_bits() };
        // The usual order-preserving map of floats to integers: flip all bits of negatives, the sign bit of the rest.
        let ordered = if bits >> 31 == 1 { !bits } else { bits | 1 << 31 };
        Self(u64::from(ordered) << 32 | u64::from(row))
    }

    pub(crate) fn row(self) -> u32 {
        self.0 as u32
    }

    pub(crate) fn sort_key(self) -> f32 {
        let ordered = (self.0 >> 32) as u32;
        f32::from_bits(if ordered >> 31 == 1 { ordered & !(1 << 31) } else { !ordered })
    }
}

/// Up to this `k`, an insertion passes all candidates: without a branch that depends on them, that is faster than to search.
const SMALL_K: usize = 16;

/// Keeps the `k` lowest of the offered candidates.
#[derive(Debug)]
pub(super) struct TopK {
    /// In order. Up to [`SMALL_K`], those that are missing are the farthest.
    kept: Vec<Candidate>,
    k: usize,
    /// Only a lower candidate is kept.
    bound: Candidate,
    /// The bound's sort key, for a quick check. Infinite while fewer than `k` candidates are kept.
    bound_key: f32,
}

impl Default for TopK {
    fn default() -> Self {
        Self { kept: Vec::new(), k: 1, bound: Candidate::FARTHEST, bound_key: f32::INFINITY }
    }
}

impl TopK {
    /// Clears it, and keeps its memory. To be called before the first offer.
    pub(super) fn start(&mut self, k: usize) {
        self.kept.clear();
        if k <= SMALL_K {
            self.kept.resize(k, Candidate::FARTHEST);
        }
        self.k = k;
        self.bound = Candidate::FARTHEST;
        self.bound_key = f32::INFINITY;
    }

    pub(super) fn k(&self) -> usize {
        self.k
    }

    /// Returns the sort key above which no row is kept; infinite while fewer than `k` are kept.
    pub(super) fn bound_key(&self) -> f32 {
        self.bound_key
    }

    /// Keeps a row if it is among the nearest so far, and returns whether it is.
    #[inline]
    pub(super) fn offer(&mut self, sort_key: f32, row: u32) -> bool {
        // False if either is NaN: then the order of the candidates decides.
        if sort_key > self.bound_key {
            return false;
        }
        let candidate = Candidate::new(sort_key, row);
        let is_near = candidate < self.bound;
        if is_near {
            self.keep(candidate);
        }
        is_near
    }

    fn keep(&mut self, candidate: Candidate) {
        if self.k <= SMALL_K {
            let kept = self.kept.as_mut_slice();
            for i in (1..kept.len()).rev() {
                kept[i] = kept[i].min(kept[i - 1].max(candidate));
            }
            if let Some(nearest) = kept.first_mut() {
                *nearest = candidate.min(*nearest);
            }
        } else {
            if self.kept.len() == self.k {
                self.kept.pop();
            }
            let at = self.kept.partition_point(|&kept| kept < candidate);
            self.kept.insert(at, candidate);
        }
        if let Some(&last) = self.kept.get(self.k - 1)
            && last != Candidate::FARTHEST
        {
            self.bound = last;
            self.bound_key = last.sort_key();
        }
    }

    /// Moves the kept candidates to `candidates`, nearest first.
    pub(super) fn finish(&mut self, candidates: &mut Vec<Candidate>) {
        let n_kept = self.kept.partition_point(|&kept| kept != Candidate::FARTHEST);
        self.kept.truncate(n_kept);
        std::mem::swap(&mut self.kept, candidates);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_sort_by_key_then_row_and_give_both_back() {
        let keys = [f32::NEG_INFINITY, -2.5, -f32::MIN_POSITIVE, 0.0, 1e-40, 1.0, 245.0, f32::INFINITY];
        let mut previous = None;
        for key in keys {
            for row in [0, 1, u32::MAX] {
                let candidate = Candidate::new(key, row);
                assert_eq!((candidate.sort_key(), candidate.row()), (key, row));
                assert!(previous < Some(candidate), "{key} {row}");
                previous = Some(candidate);
            }
        }
        for nan in [f32::NAN, -f32::NAN] {
            assert!(previous < Some(Candidate::new(nan, 0)));
        }
    }

    #[test]
    fn keeps_the_same_as_a_sort() {
        let keys =
            [3.0, f32::NAN, 1.0, f32::INFINITY, 1.0, -0.5, f32::INFINITY, 2.0, -f32::NAN, 1.0, f32::MAX];
        let offered: Vec<Candidate> =
            keys.iter().zip(0..).map(|(&key, row)| Candidate::new(key, row)).collect();
        let (mut nearest, mut candidates) = (TopK::default(), Vec::new());
        for k in 1..=12 {
            for backwards in [false, true] {
                nearest.start(k);
                let each = |i: usize| {
                    nearest.offer(keys[i], i as u32);
                };
                if backwards {
                    (0..keys.len()).rev().for_each(each);
                } else {
                    (0..keys.len()).for_each(each);
                }
                nearest.finish(&mut candidates);
                let mut expected = offered.clone();
                expected.sort_unstable();
                expected.truncate(k);
                assert_eq!(candidates, expected, "k {k}");
            }
        }
    }
}
