//! The functions, in one process.

mod support;

use std::{fs, path::PathBuf, sync::Arc};

use datafusion::{
    arrow::{
        array::{
            Array, ArrayRef, AsArray, Decimal128Array, Float32Array, Float64Array, Int32Array, StringArray,
            UInt64Array,
        },
        datatypes::{Float32Type, Float64Type, Int64Type},
        record_batch::RecordBatch,
    },
    prelude::SessionContext,
};
use mysfits_knn::Model;

use crate::support::write_model;

/// A session with the table `visits`, and a model with 3 features.
struct Fixture {
    context: SessionContext,
    model: Model,
    path: PathBuf,
    _folder: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.tar.gz");
        let model = write_model(&path, 500, 3, 4);
        let context = SessionContext::new();
        mysfits_knn_datafusion::register(&context);
        let c =
            Decimal128Array::from(vec![Some(400), Some(150), Some(799), None]).with_precision_and_scale(5, 2);
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("id", Arc::new(UInt64Array::from(vec![10, 11, 12, 13]))),
            ("a", Arc::new(Int32Array::from(vec![1, 2, 8, 3]))),
            ("b", Arc::new(Float64Array::from(vec![Some(2.5), None, Some(7.25), Some(1.0)]))),
            ("c", Arc::new(c.unwrap())),
            ("nan", Arc::new(Float32Array::from(vec![1.0, f32::NAN, 2.0, 3.0]))),
            ("name", Arc::new(StringArray::from(vec!["x", "y", "z", "w"]))),
        ];
        context.register_batch("visits", RecordBatch::try_from_iter(columns).unwrap()).unwrap();
        Self { context, model, path, _folder: folder }
    }

    /// Runs a query in which `MODEL` is the path of the model.
    async fn query(&self, sql: &str) -> Result<RecordBatch, String> {
        let sql = sql.replace("MODEL", self.path.to_str().unwrap());
        let frame = self.context.sql(&sql).await.map_err(|error| error.to_string())?;
        let schema = Arc::clone(frame.schema().inner());
        let batches = frame.collect().await.map_err(|error| error.to_string())?;
        Ok(datafusion::arrow::compute::concat_batches(&schema, &batches).unwrap())
    }

    async fn error(&self, sql: &str) -> String {
        self.query(sql).await.unwrap_err()
    }
}

fn optional(column: &ArrayRef) -> Vec<Option<f64>> {
    column.as_primitive::<Float64Type>().iter().collect()
}

#[tokio::test]
async fn predicts_as_the_model_from_any_numeric_type() {
    let fixture = Fixture::new();
    let rows = fixture.query("SELECT knn_predict('MODEL', a, b, c) FROM visits ORDER BY id").await.unwrap();
    let expected = [[1.0, 2.5, 4.0], [8.0, 7.25, 7.99]].map(|row| fixture.model.predict(&row).ok());
    assert_eq!(optional(rows.column(0)), [expected[0], None, expected[1], None], "a null feature gives null");
    assert!(expected[0].is_some());
}

#[tokio::test]
async fn predicts_constants_and_filters() {
    let fixture = Fixture::new();
    let expected = fixture.model.predict(&[1.0, 2.0, 3.5]).unwrap();
    let rows = fixture.query("SELECT knn_predict('MODEL', 1, 2, 3.5), id FROM visits").await.unwrap();
    assert_eq!(optional(rows.column(0)), [Some(expected); 4]);
    let rows = fixture.query("SELECT knn_predict('MODEL', 1, NULL, 3)").await.unwrap();
    assert_eq!(optional(rows.column(0)), [None]);
    let label = fixture.model.predict(&[8.0, 7.25, 7.99]).unwrap();
    let sql = format!("SELECT id FROM visits WHERE id = 12 AND knn_predict('MODEL', a, b, c) = {label}");
    assert_eq!(fixture.query(&sql).await.unwrap().num_rows(), 1);
}

#[tokio::test]
async fn lists_neighbours_as_the_model() {
    let fixture = Fixture::new();
    let rows =
        fixture.query("SELECT knn_neighbours('MODEL', a, b, c) FROM visits ORDER BY id").await.unwrap();
    let lists = rows.column(0).as_list::<i32>();
    assert_eq!((0..4).map(|row| lists.is_null(row)).collect::<Vec<_>>(), [false, true, false, true]);
    let found = lists.value(2);
    let found = found.as_struct();
    for (at, neighbour) in fixture.model.neighbours(&[8.0, 7.25, 7.99]).unwrap().iter().enumerate() {
        assert_eq!(found.column(0).as_primitive::<Int64Type>().value(at), at as i64 + 1);
        assert_eq!(found.column(1).as_primitive::<Int64Type>().value(at), neighbour.row as i64);
        assert_eq!(found.column(2).as_primitive::<Float64Type>().value(at), neighbour.label);
        assert_eq!(found.column(3).as_primitive::<Float32Type>().value(at), neighbour.score);
    }
    assert_eq!(found.len(), 4);
}

#[tokio::test]
async fn returns_a_row_for_each_neighbour_of_a_table() {
    let fixture = Fixture::new();
    let sql = "SELECT id, neighbour_rank, neighbour_row, neighbour_label, neighbour_distance
        FROM knn_neighbours('MODEL', 'visits', 'a', 'b', 'c') ORDER BY id, neighbour_rank";
    let rows = fixture.query(sql).await.unwrap();
    assert_eq!(rows.num_rows(), 4 + 1 + 4 + 1, "a row with a null feature appears once");
    let expected = fixture.model.neighbours(&[1.0, 2.5, 4.0]).unwrap();
    for (at, neighbour) in expected.iter().enumerate() {
        assert_eq!(rows.column(1).as_primitive::<Int64Type>().value(at), at as i64 + 1);
        assert_eq!(rows.column(2).as_primitive::<Int64Type>().value(at), neighbour.row as i64);
        assert_eq!(rows.column(3).as_primitive::<Float64Type>().value(at), neighbour.label);
        assert_eq!(rows.column(4).as_primitive::<Float32Type>().value(at), neighbour.score);
    }
    assert!(rows.column(1).is_null(4));
    let sql = "SELECT v.id, avg(n.neighbour_distance) FROM visits v
        JOIN knn_neighbours('MODEL', 'visits', 'a', 'b', 'c') n ON n.id = v.id GROUP BY v.id";
    assert_eq!(fixture.query(sql).await.unwrap().num_rows(), 4);
}

#[tokio::test]
async fn rejects_another_number_of_features() {
    let fixture = Fixture::new();
    for function in ["knn_predict", "knn_neighbours"] {
        let error = fixture.error(&format!("SELECT {function}('MODEL', a, b) FROM visits")).await;
        let expected = format!("{function}: 2 features were given (a, b), but the model \"");
        assert!(error.contains(&expected) && error.contains("\" has feature_dim 3"), "{error}");
    }
    let error = fixture.error("SELECT knn_predict('MODEL') FROM visits").await;
    assert!(error.contains("1 arguments were given (expected a model and its features"), "{error}");
}

#[tokio::test]
async fn rejects_columns_that_are_not_numbers() {
    let fixture = Fixture::new();
    let error = fixture.error("SELECT knn_predict('MODEL', a, name, c) FROM visits").await;
    assert!(
        error.contains("the column \"name\" has the type Utf8 (expected a number); use CAST(name AS REAL)"),
        "{error}"
    );
    let error = fixture.error("SELECT knn_predict('MODEL', a, nan, 1) FROM visits").await;
    assert!(error.contains("the column \"nan\" has the value NaN (expected a finite number"), "{error}");
    let error = fixture.error("SELECT knn_predict('MODEL', a, 1e300, 1) FROM visits").await;
    assert!(error.contains("has the value inf (expected a finite number"), "{error}");
}

#[tokio::test]
async fn rejects_a_model_that_is_no_constant_or_no_model() {
    let fixture = Fixture::new();
    let error = fixture.error("SELECT knn_predict(name, a, b, c) FROM visits").await;
    assert!(
        error.contains("invalid model: name (expected the path of a model.tar.gz as a constant text)"),
        "{error}"
    );
    let error = fixture.error("SELECT knn_predict(7, a, b, c) FROM visits").await;
    assert!(error.contains("invalid model"), "{error}");
    let error = fixture.error("SELECT knn_predict('MODEL.missing', a, b, c) FROM visits").await;
    assert!(
        error.contains("knn_predict: cannot read the model \"") && error.contains(".missing\": "),
        "{error}"
    );
}

#[tokio::test]
async fn rejects_unknown_tables_and_columns() {
    let fixture = Fixture::new();
    for (arguments, expected) in [
        ("'MODEL', 'visit', 'a', 'b', 'c'", "there is no table \"visit\""),
        ("'MODEL', 'visits', 'a', 'b', 'x'", "No field named x"),
        ("'MODEL', 'visits'", "no columns were given (expected a model, a table and its columns"),
        ("'MODEL'", "1 arguments were given"),
        ("'MODEL', 'visits', 1", "invalid argument: Int64(1)"),
        ("'MODEL', 'visits', 'a', 'b', 'name'", "the column \"name\" has the type Utf8"),
    ] {
        let error = fixture.error(&format!("SELECT * FROM knn_neighbours({arguments})")).await;
        assert!(error.contains(expected), "{error}");
    }
}

#[tokio::test]
async fn reads_a_replaced_model_again() {
    let fixture = Fixture::new();
    let sql = "SELECT knn_predict('MODEL', a, b, c) FROM visits WHERE id = 10";
    let other = write_model(&fixture.path.with_extension("other"), 900, 3, 1);
    let sample = [1.0, 2.5, 4.0];
    let (before, after) = (fixture.model.predict(&sample).unwrap(), other.predict(&sample).unwrap());
    assert_ne!(before, after, "the models must differ for the test");
    assert_eq!(optional(fixture.query(sql).await.unwrap().column(0)), [Some(before)]);
    fs::rename(fixture.path.with_extension("other"), &fixture.path).unwrap();
    assert_eq!(optional(fixture.query(sql).await.unwrap().column(0)), [Some(after)]);
}
