//! All cores, by rayon.

use std::cmp::Ordering;

use ::rayon::prelude::*;

use super::single;

/// Items that one thread takes at a time: fewer would cost more to hand out than to do.
const MIN_ITEMS: usize = 64;

/// Sorts; equal items may change places.
pub(crate) fn sort_by<T: Send>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering + Sync) {
    if items.len() <= MIN_ITEMS {
        return single::sort_by(items, compare);
    }
    items.par_sort_unstable_by(compare);
}

/// Maps items to results, in order; each thread has a state of its own.
pub(crate) fn map_init<T: Sync, S, R: Send>(
    items: &[T],
    init: impl Fn() -> S + Sync + Send,
    map: impl Fn(&mut S, &T) -> R + Sync + Send,
) -> Vec<R> {
    if items.len() <= MIN_ITEMS {
        return single::map_init(items, init, map);
    }
    items.par_iter().with_min_len(MIN_ITEMS).map_init(init, map).collect()
}
