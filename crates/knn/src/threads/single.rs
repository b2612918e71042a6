//! One thread: the same results without rayon.

use std::cmp::Ordering;

/// How many threads there are.
#[cfg(not(feature = "parallel"))]
pub(crate) fn count() -> usize {
    1
}

/// Sorts; equal items may change places.
pub(crate) fn sort_by<T: Send>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering + Sync) {
    items.sort_unstable_by(compare);
}

/// Maps chunks of `len` items, the last one shorter, to any number of results, in order.
pub(crate) fn map_chunks<T: Sync, S, R: Send>(
    items: &[T],
    len: usize,
    init: impl Fn() -> S + Sync + Send,
    map: impl Fn(&mut S, &[T], &mut Vec<R>) + Sync + Send,
) -> Vec<R> {
    let (mut state, mut results) = (init(), Vec::with_capacity(items.len()));
    items.chunks(len).for_each(|chunk| map(&mut state, chunk, &mut results));
    results
}

/// Changes chunks of `len` items, the last one shorter, knowing the position of each one's first item.
pub(crate) fn for_chunks_mut<T: Send, S>(
    items: &mut [T],
    len: usize,
    init: impl Fn() -> S + Sync + Send,
    change: impl Fn(&mut S, usize, &mut [T]) + Sync + Send,
) {
    let mut state = init();
    items.chunks_mut(len).enumerate().for_each(|(chunk, items)| change(&mut state, chunk * len, items));
}
