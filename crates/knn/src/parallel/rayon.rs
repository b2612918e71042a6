//! All cores, with rayon.

use std::cmp::Ordering;

use ::rayon::prelude::*;

use super::single;

/// The most items that are sorted on one thread.
const MIN_ITEMS: usize = 64;

/// Returns the number of threads.
pub(crate) fn count() -> usize {
    ::rayon::current_num_threads()
}

/// Sorts; the order of equal items is unspecified.
pub(crate) fn sort_by<T: Send>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering + Sync) {
    if items.len() <= MIN_ITEMS {
        return single::sort_by(items, compare);
    }
    items.par_sort_unstable_by(compare);
}

/// Maps chunks of `len` items (the last may be shorter) to any number of results, in order. Each thread has its own
/// state.
pub(crate) fn map_chunks<T: Sync, S, R: Send>(
    items: &[T],
    len: usize,
    init: impl Fn() -> S + Sync + Send,
    map: impl Fn(&mut S, &[T], &mut Vec<R>) + Sync + Send,
) -> Vec<R> {
    if items.len() <= len {
        return single::map_chunks(items, len, init, map);
    }
    let map = |state: &mut S, chunk: &[T]| {
        let mut results = Vec::with_capacity(chunk.len());
        map(state, chunk, &mut results);
        results
    };
    let chunks: Vec<Vec<R>> = items.par_chunks(len).map_init(init, map).collect();
    chunks.into_iter().flatten().collect()
}

/// Calls `change` with each chunk of `len` items (the last may be shorter) and the position of its first item. Each thread
/// has its own state.
pub(crate) fn for_chunks_mut<T: Send, S>(
    items: &mut [T],
    len: usize,
    init: impl Fn() -> S + Sync + Send,
    change: impl Fn(&mut S, usize, &mut [T]) + Sync + Send,
) {
    if items.len() <= len {
        return single::for_chunks_mut(items, len, init, change);
    }
    let chunks = items.par_chunks_mut(len).enumerate();
    chunks.for_each_init(init, |state, (chunk, items)| change(state, chunk * len, items));
}
