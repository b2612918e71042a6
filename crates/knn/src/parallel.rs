//! Parallel sort and map: two modules with the same functions, of which the feature `parallel` selects one.

#[cfg(feature = "parallel")]
mod rayon;
mod single;

#[cfg(feature = "parallel")]
pub(crate) use rayon::{count, for_chunks_mut, map_chunks, sort_by};
#[cfg(not(feature = "parallel"))]
pub(crate) use single::{count, for_chunks_mut, map_chunks, sort_by};
