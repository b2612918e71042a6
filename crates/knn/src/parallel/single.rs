//! One thread, with the same results.

use std::cmp::Ordering;

/// Returns the number of threads.
#[cfg(not(feature = "parallel"))]
pub(crate) fn count() -> usize {
    1
}

/// Sorts; the order of equal items is unspecified.
pub(crate) fn sort_by<T: Send>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering + Sync) {
    items.sort_unstable_by(compare);
}

/// Maps chunks of `len` items (the last may be shorter) to any number of results, in order.
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

/// Calls `change` with each chunk of `len` items (the last may be shorter) and the position of its first item.
pub(crate) fn for_chunks_mut<T: Send, S>(
    items: &mut [T],
    len: usize,
    init: impl Fn() -> S + Sync + Send,
    change: impl Fn(&mut S, usize, &mut [T]) + Sync + Send,
) {
    let mut state = init();
    items.chunks_mut(len).enumerate().for_each(|(chunk, items)| change(&mut state, chunk * len, items));
}
