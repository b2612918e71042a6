//! Work on many items, on all cores or on one: two modules with the same functions; the feature `parallel` chooses
//! which one is used.

#[cfg(feature = "parallel")]
mod rayon;
mod single;

#[cfg(feature = "parallel")]
pub(crate) use rayon::{count, for_chunks_mut, map_chunks, sort_by};
#[cfg(not(feature = "parallel"))]
pub(crate) use single::{count, for_chunks_mut, map_chunks, sort_by};
