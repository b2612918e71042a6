//! Work on many items, on all cores or on one: two modules with the same functions; the feature `parallel` chooses
//! which one is used.

#[cfg(feature = "parallel")]
mod rayon;
mod single;

#[cfg(feature = "parallel")]
pub(crate) use rayon::{map_init, sort_by};
#[cfg(not(feature = "parallel"))]
pub(crate) use single::{map_init, sort_by};
