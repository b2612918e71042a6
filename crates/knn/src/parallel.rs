//! Parallel sort and map: on all cores with the feature `parallel` and enough items, else on one thread, with the same
//! results.

use std::cmp::Ordering;

#[cfg(feature = "parallel")]
pub(crate) use rayon::current_num_threads as count;
#[cfg(feature = "parallel")]
use rayon::prelude::*;

/// The most items that are sorted on one thread.
#[cfg(feature = "parallel")]
const MIN_ITEMS: usize = 64;

/// Returns the number of threads.
#[cfg(not(feature = "parallel"))]
pub(crate) fn count() -> usize {
    1
}

/// Sorts; the order of equal items is unspecified.
pub(crate) fn sort_by<T: Send>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering + Sync) {
    #[cfg(feature = "parallel")]
    if items.len() > MIN_ITEMS {
        return items.par_sort_unstable_by(compare);
    }
    items.sort_unstable_by(compare);
}

/// Maps chunks of `len` items (the last may be shorter) to any number of results, in order. Each thread has its own
/// state.
pub(crate) fn map_chunks<T: Sync, S, R: Send>(
    items: &[T],
    len: usize,
    init: impl Fn() -> S + Sync + Send,
    map: impl Fn(&mut S, &[T], &mut Vec<R>) + Sync + Send,
) -> Vec<R> {
    #[cfg(feature = "parallel")]
    if items.len() > len {
        let map = |state: &mut S, chunk: &[T]| {
            let mut results = Vec::with_capacity(chunk.len());
            map(state, chunk, &mut results);
            results
        };
        let chunks: Vec<Vec<R>> = items.par_chunks(len).map_init(init, map).collect();
        return chunks.into_iter().flatten().collect();
    }
    let (mut state, mut results) = (init(), Vec::with_capacity(items.len()));
    items.chunks(len).for_each(|chunk| map(&mut state, chunk, &mut results));
    results
}

/// Calls `change` with each chunk of `len` items (the last may be shorter) and the position of its first item. Each thread
/// has its own state.
pub(crate) fn for_chunks_mut<T: Send, S>(
    items: &mut [T],
    len: usize,
    init: impl Fn() -> S + Sync + Send,
    change: impl Fn(&mut S, usize, &mut [T]) + Sync + Send,
) {
    #[cfg(feature = "parallel")]
    if items.len() > len {
        let chunks = items.par_chunks_mut(len).enumerate();
        return chunks.for_each_init(init, |state, (chunk, items)| change(state, chunk * len, items));
    }
    let mut state = init();
    items.chunks_mut(len).enumerate().for_each(|(chunk, items)| change(&mut state, chunk * len, items));
}
