//! One thread: the same results without rayon.

use std::cmp::Ordering;

/// Sorts; equal items may change places.
pub(crate) fn sort_by<T: Send>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering + Sync) {
    items.sort_unstable_by(compare);
}

/// Maps items to results, in order.
pub(crate) fn map_init<T: Sync, S, R: Send>(
    items: &[T],
    init: impl Fn() -> S + Sync + Send,
    map: impl Fn(&mut S, &T) -> R + Sync + Send,
) -> Vec<R> {
    let mut state = init();
    items.iter().map(|item| map(&mut state, item)).collect()
}
