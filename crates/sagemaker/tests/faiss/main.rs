//! faiss as a second oracle: our artifacts read by faiss, faiss's artifacts read by us, neighbour for neighbour.
//!
//! - `flat`: flat indexes of every metric.
//! - `inverted`: inverted files, in both directions.
//! - `recall`: what inverted files find that were trained here, and what those find that faiss trained.
//!
//! Slow, and they need a Python with faiss: `cargo xtask test differential` makes it, names it in `MYSFITS_PYTHON` and runs the
//! ignored tests. What faiss does is in `xtask/python/faiss_oracle.py`.

#![allow(clippy::unwrap_used, reason = "a panic in a test is a failed test, in its helpers too")]
#![allow(clippy::format_push_string, reason = "a table of few lines reads best so")]

mod flat;
mod inverted;
mod oracle;
mod recall;
