//! The table's two files.

use std::fs;

use mysfits_domain::ModelSchema;
use mysfits_model::{
    RecommendationModel, RecommendationTable,
    table_files::{SCHEMA_FILE, TABLE_FILE, TableFileError, read, write},
};

use crate::support::{model, with_causes};

fn table() -> RecommendationTable {
    RecommendationModel::new(model().into()).unwrap().table().clone()
}

#[test]
fn reads_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("made/if/need/be");
    write(&inner, &table()).unwrap();
    let found = read(&inner).unwrap();
    assert_eq!(found, table());
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
    // The schema is checked first: another build's table may not be readable.
    fs::write(folder.path().join(TABLE_FILE), b"").unwrap();
    let error = read(folder.path()).unwrap_err();
    assert!(matches!(error, TableFileError::SchemaMismatch { .. }), "{error:?}");
    let text = with_causes(&error);
    assert!(text.contains("\"0.9\"") && text.contains(&ModelSchema::current().version), "{text}");
}

#[test]
fn names_missing_and_malformed_files() {
    let folder = tempfile::tempdir().unwrap();
    let check = |expected: &str| {
        let text = with_causes(&read(folder.path()).unwrap_err());
        assert!(text.contains(expected), "{text}");
    };
    check("schema.json: the decision table and its schema must both be there");
    write(folder.path(), &table()).unwrap();
    fs::write(folder.path().join(TABLE_FILE), b"knntabl").unwrap();
    check("decision-table.bin: these 7 bytes are not a decision table: ");
    fs::remove_file(folder.path().join(TABLE_FILE)).unwrap();
    check("cannot read");
    fs::write(folder.path().join(SCHEMA_FILE), b"{}").unwrap();
    check("schema.json is not a model schema: missing field ");
}
