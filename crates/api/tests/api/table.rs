//! The table's two files: written, read, and refused when they do not fit.

use std::fs;

use mysfits_api::{
    Embedded,
    table::{SCHEMA_FILE, TABLE_FILE, TableFileError, read, write},
};
use mysfits_domain::ModelSchema;
use mysfits_knn::DecisionTable;

use crate::support::random_model;

fn table() -> DecisionTable {
    random_model(500, 3).tabulate(&Embedded::lattice().unwrap()).unwrap()
}

/// An error with its causes, each once.
fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let texts: Vec<String> = causes.map(ToString::to_string).collect();
    for (i, text) in texts.iter().enumerate() {
        assert!(texts[..i].iter().all(|above| !above.contains(text)), "{texts:?}");
    }
    texts.join(": ")
}

#[test]
fn what_is_written_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("made/if/need/be");
    write(&inner, &table()).unwrap();
    let found = read(&inner).unwrap();
    assert_eq!(found, table());
    Embedded::new(&found).unwrap();
    let bytes = |name: &str| fs::read(inner.join(name)).unwrap();
    let first = (bytes(TABLE_FILE), bytes(SCHEMA_FILE));
    write(&inner, &table()).unwrap();
    assert_eq!((bytes(TABLE_FILE), bytes(SCHEMA_FILE)), first);
}

#[test]
fn a_table_for_other_questions_is_refused_with_both_versions() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &table()).unwrap();
    let other = ModelSchema { version: "0.9".to_owned(), ..ModelSchema::current() };
    fs::write(folder.path().join(SCHEMA_FILE), serde_json::to_vec(&other).unwrap()).unwrap();
    // Another build's table need not be readable: the schema is what is told.
    fs::write(folder.path().join(TABLE_FILE), b"").unwrap();
    let error = read(folder.path()).unwrap_err();
    assert!(matches!(error, TableFileError::Schema { .. }), "{error:?}");
    let text = with_causes(&error);
    assert!(text.contains("\"0.9\"") && text.contains(&ModelSchema::current().version), "{text}");
}

#[test]
fn what_is_missing_or_malformed_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let check = |expected: &str| {
        let text = with_causes(&read(folder.path()).unwrap_err());
        assert!(text.contains(expected), "{text}");
    };
    check("schema.json: the decision table and its schema must both be there");
    write(folder.path(), &table()).unwrap();
    fs::write(folder.path().join(TABLE_FILE), b"knntabl").unwrap();
    check("decision-table.bin is no decision table: these 7 bytes are not a decision table: ");
    fs::remove_file(folder.path().join(TABLE_FILE)).unwrap();
    check("cannot read");
    fs::write(folder.path().join(SCHEMA_FILE), b"{}").unwrap();
    check("schema.json is no model schema: missing field ");
}
