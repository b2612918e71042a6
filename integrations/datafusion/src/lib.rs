//! k-NN models as SQL functions of Apache DataFusion, in one process or on an Apache Ballista cluster.
//!
//! A model is a `model.tar.gz` as Amazon SageMaker's built-in k-NN writes it, or a folder with its files.
//!
//! - `knn_predict(model, feature, ...)`: the predicted label of each row.
//! - `knn_neighbours(model, feature, ...)`: the nearest rows of the model to each row, as a list.
//! - `knn_neighbours(model, table, column, ...)` in `FROM`: the same as a table, with a row for each neighbour.
//!
//! ```no_run
//! use datafusion::prelude::{ParquetReadOptions, SessionContext};
//!
//! # async fn score() -> datafusion::error::Result<()> {
//! let context = SessionContext::new();
//! mysfits_knn_datafusion::register(&context);
//! context.register_parquet("visits", "visits/", ParquetReadOptions::default()).await?;
//! context.sql("SELECT id, knn_predict('model.tar.gz', a, b, c) AS label FROM visits").await?.show().await
//! # }
//! ```
//!
//! # Features
//!
//! | feature | adds |
//! | --- | --- |
//! | `cluster` (default) | [`cluster`]: a client, a scheduler and executors of Ballista that know the functions; the program `knn-score` |

#[cfg(feature = "cluster")]
pub mod cluster;
mod features;
mod models;
mod neighbours;
mod neighbours_table;
mod predict;

use std::sync::Arc;

use datafusion::{logical_expr::ScalarUDF, prelude::SessionContext};

pub use neighbours::KnnNeighbours;
pub use neighbours_table::KnnNeighboursTable;
pub use predict::KnnPredict;

/// Returns the scalar functions, `knn_predict` and `knn_neighbours`.
#[must_use]
pub fn scalar_functions() -> Vec<Arc<ScalarUDF>> {
    vec![Arc::new(ScalarUDF::from(KnnPredict::new())), Arc::new(ScalarUDF::from(KnnNeighbours::new()))]
}

/// Registers all functions in a session.
///
/// In a session of a Ballista cluster, call it after the session has been connected: connecting replaces the scalar functions.
pub fn register(context: &SessionContext) {
    for function in scalar_functions() {
        context.register_udf(function.as_ref().clone());
    }
    context.register_udtf(neighbours::NAME, Arc::new(KnnNeighboursTable));
}
