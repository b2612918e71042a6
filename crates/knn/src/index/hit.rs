//! Found rows, in the one order that all indexes agree on.

use std::collections::BinaryHeap;

/// A found row: the measure's sort key and the row number, in one integer that sorts by both.
///
/// Sort keys are never NaN for [`Metric::L2`](crate::Metric::L2); for the others an overflow can make one, which then
/// sorts last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hit(u64);

impl Hit {
    /// Farther than any row.
    const FARTHEST: Self = Self(u64::MAX);

    pub(crate) fn new(sort_key: f32, row: u32) -> Self {
        // Which NaN an overflow makes depends on the processor; this one sorts behind infinity.
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

/// Keeps the `k` lowest of the hits that it is offered.
#[derive(Debug)]
pub(super) struct Nearest {
    heap: BinaryHeap<Hit>,
    k: usize,
    /// What a hit must be below to be kept.
    bound: Hit,
    /// The bound's sort key: a row whose own is above needs no second look. Infinite while there is room.
    bound_key: f32,
}

impl Default for Nearest {
    fn default() -> Self {
        Self { heap: BinaryHeap::new(), k: 1, bound: Hit::FARTHEST, bound_key: f32::INFINITY }
    }
}

impl Nearest {
    /// The first of some that are kept for their memory, emptied; one is made if there is none.
    pub(super) fn first_of(kept: &mut Vec<Self>, k: usize) -> &mut Self {
        if kept.is_empty() {
            kept.push(Self::default());
        }
        kept[0].start(k);
        &mut kept[0]
    }

    /// Forgets everything but its memory.
    pub(super) fn start(&mut self, k: usize) {
        self.heap.clear();
        self.k = k;
        self.bound = Hit::FARTHEST;
        self.bound_key = f32::INFINITY;
    }

    #[inline]
    pub(super) fn offer(&mut self, sort_key: f32, row: u32) {
        // False for a NaN on either side: then the hits' own order decides.
        if sort_key > self.bound_key {
            return;
        }
        let hit = Hit::new(sort_key, row);
        if hit < self.bound {
            self.keep(hit);
        }
    }

    fn keep(&mut self, hit: Hit) {
        if self.heap.len() < self.k {
            self.heap.push(hit);
        } else if let Some(mut farthest) = self.heap.peek_mut() {
            *farthest = hit;
        }
        if let (Some(&farthest), true) = (self.heap.peek(), self.heap.len() == self.k) {
            self.bound = farthest;
            self.bound_key = farthest.sort_key();
        }
    }

    /// Puts what was kept into `hits`, nearest first.
    pub(super) fn finish(&mut self, hits: &mut Vec<Hit>) {
        hits.clear();
        hits.extend(self.heap.drain());
        hits.sort_unstable();
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
                let hit = Hit::new(key, row);
                assert_eq!((hit.sort_key(), hit.row()), (key, row));
                assert!(previous < Some(hit), "{key} {row}");
                previous = Some(hit);
            }
        }
        for nan in [f32::NAN, -f32::NAN] {
            assert!(previous < Some(Hit::new(nan, 0)));
        }
    }

    #[test]
    fn the_nearest_are_those_of_a_sort_whatever_is_offered() {
        let keys =
            [3.0, f32::NAN, 1.0, f32::INFINITY, 1.0, -0.5, f32::INFINITY, 2.0, -f32::NAN, 1.0, f32::MAX];
        let offered: Vec<Hit> = keys.iter().zip(0..).map(|(&key, row)| Hit::new(key, row)).collect();
        let (mut nearest, mut hits) = (Nearest::default(), Vec::new());
        for k in 1..=12 {
            for backwards in [false, true] {
                nearest.start(k);
                let each = |i: usize| nearest.offer(keys[i], i as u32);
                if backwards {
                    (0..keys.len()).rev().for_each(each);
                } else {
                    (0..keys.len()).for_each(each);
                }
                nearest.finish(&mut hits);
                let mut expected = offered.clone();
                expected.sort_unstable();
                expected.truncate(k);
                assert_eq!(hits, expected, "k {k}");
            }
        }
    }
}
