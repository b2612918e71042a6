//! All cores, by rayon.

use std::cmp::Ordering;

use ::rayon::prelude::*;

/// Rows that one thread takes at a time: fewer would cost more to hand out than to answer.
const MIN_ROWS: usize = 64;

/// Sorts; equal items may change places.
pub(crate) fn sort_by<T: Send>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering + Sync) {
    items.par_sort_unstable_by(compare);
}

/// Maps items to results, in order; each thread has a state of its own.
pub(crate) fn map_init<T: Sync, S, R: Send>(
    items: &[T],
    init: impl Fn() -> S + Sync + Send,
    map: impl Fn(&mut S, &T) -> R + Sync + Send,
) -> Vec<R> {
    items.par_iter().with_min_len(MIN_ROWS).map_init(init, map).collect()
}
