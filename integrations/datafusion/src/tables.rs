//! Tables of the command line.

use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf, absolute},
    str::FromStr,
};

use anyhow::{Context as _, Result, bail};
use datafusion::prelude::{CsvReadOptions, ParquetReadOptions, SessionContext};

/// A table of the command line, `NAME=PATH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSource {
    name: String,
    path: PathBuf,
}

impl FromStr for TableSource {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, path)) if !name.is_empty() && !path.is_empty() => {
                Ok(Self { name: name.to_owned(), path: path.into() })
            }
            _ => Err(format!("invalid table: {text} (expected NAME=PATH, such as visits=visits.parquet)")),
        }
    }
}

/// Registers a table. Executors of a cluster read the files at the same absolute path.
pub async fn register(context: &SessionContext, table: &TableSource) -> Result<()> {
    let path = absolute(&table.path)?;
    let in_context = || format!("cannot read the table \"{}\" from {}", table.name, table.path.display());
    let extension = format(&path).with_context(in_context)?;
    let text = path.to_str().context("the path is not valid UTF-8").with_context(in_context)?;
    if extension == "csv" {
        context.register_csv(&table.name, text, CsvReadOptions::new()).await.with_context(in_context)
    } else {
        context
            .register_parquet(&table.name, text, ParquetReadOptions::default())
            .await
            .with_context(in_context)
    }
}

/// Returns `csv` or `parquet`: the extension of a file, or that of a folder's files.
fn format(path: &Path) -> Result<&'static str> {
    let of_name = |path: &Path| match path.extension().and_then(OsStr::to_str) {
        Some("csv") => Some("csv"),
        Some("parquet") => Some("parquet"),
        _ => None,
    };
    if !path.is_dir() {
        fs::metadata(path)?;
        return of_name(path)
            .context("unknown format (expected a .csv or .parquet file, or a folder of them)");
    }
    let entries = fs::read_dir(path)?.collect::<io::Result<Vec<_>>>()?;
    let mut formats: Vec<_> = entries.iter().filter_map(|entry| of_name(&entry.path())).collect();
    formats.sort_unstable();
    formats.dedup();
    match formats.as_slice() {
        [format] => Ok(format),
        [] => bail!("the folder has no .csv or .parquet file"),
        _ => bail!("the folder has .csv and .parquet files (expected one format)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_format_of_the_files() {
        let folder = tempfile::tempdir().unwrap();
        let error = format(folder.path()).unwrap_err();
        assert!(error.to_string().contains("no .csv or .parquet"), "{error}");
        let file = folder.path().join("part-0.csv");
        fs::write(&file, "a\n1\n").unwrap();
        fs::write(folder.path().join("_SUCCESS"), "").unwrap();
        assert_eq!(format(folder.path()).unwrap(), "csv");
        assert_eq!(format(&file).unwrap(), "csv");
        fs::write(folder.path().join("part-1.parquet"), "").unwrap();
        assert!(format(folder.path()).unwrap_err().to_string().contains("one format"));
        assert!(format(&folder.path().join("_SUCCESS")).unwrap_err().to_string().contains("unknown format"));
    }

    #[test]
    fn rejects_a_table_without_a_name() {
        assert!("=a.csv".parse::<TableSource>().unwrap_err().contains("NAME=PATH"));
        assert!("a.csv".parse::<TableSource>().is_err());
    }
}
