//! Rows of a query, written to a file while they arrive.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use datafusion::{
    arrow::{array::RecordBatch, csv},
    parquet::arrow::ArrowWriter,
    prelude::DataFrame,
};
use futures::StreamExt as _;

enum Writer {
    Csv(csv::Writer<BufWriter<File>>),
    Parquet(Box<ArrowWriter<BufWriter<File>>>),
}

/// Writes the rows of a query to a `.csv` or `.parquet` file, which appears when it is complete. Returns the number of rows.
pub async fn write(frame: DataFrame, path: &Path) -> Result<usize> {
    let extension = path.extension().and_then(OsStr::to_str);
    let Some(extension) = extension.filter(|extension| ["csv", "parquet"].contains(extension)) else {
        bail!("invalid output: {} (expected a .csv or .parquet file)", path.display());
    };
    let partial = PathBuf::from(format!("{}.partial", path.display()));
    let file = File::create(&partial).with_context(|| format!("cannot write {}", partial.display()))?;
    let written = write_rows(frame, extension, BufWriter::new(file)).await;
    if written.is_err() {
        fs::remove_file(&partial).ok();
    }
    let n_rows = written?;
    fs::rename(&partial, path).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(n_rows)
}

async fn write_rows(frame: DataFrame, extension: &str, file: BufWriter<File>) -> Result<usize> {
    let mut batches = frame.execute_stream().await?;
    let mut writer = if extension == "csv" {
        Writer::Csv(csv::WriterBuilder::new().with_header(true).build(file))
    } else {
        Writer::Parquet(Box::new(ArrowWriter::try_new(file, batches.schema(), None)?))
    };
    // Also a table without rows has a header.
    writer.write(&RecordBatch::new_empty(batches.schema()))?;
    let mut n_rows = 0;
    while let Some(batch) = batches.next().await {
        let batch = batch?;
        n_rows += batch.num_rows();
        writer.write(&batch)?;
    }
    writer.finish()?;
    Ok(n_rows)
}

impl Writer {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        match self {
            Self::Csv(writer) => Ok(writer.write(batch)?),
            Self::Parquet(writer) => Ok(writer.write(batch)?),
        }
    }

    fn finish(self) -> Result<()> {
        match self {
            Self::Csv(writer) => Ok(writer.into_inner().flush()?),
            Self::Parquet(writer) => Ok(writer.into_inner()?.flush()?),
        }
    }
}
