//! Lists of neighbours, the result of `knn_neighbours`.

use std::sync::Arc;

use datafusion::{
    arrow::{
        array::{ArrayRef, Float32Builder, Float64Builder, Int64Builder, ListArray, StructArray},
        buffer::OffsetBuffer,
        datatypes::{DataType, Field, FieldRef, Fields},
    },
    common::Result,
};

use crate::features::SampleBatch;

/// The name of the scalar function and of the table function.
pub(crate) const NAME: &str = "knn_neighbours";
/// The members of a neighbour, in their order.
pub(crate) const MEMBERS: [&str; 4] = ["rank", "row", "label", "distance"];

fn members() -> Fields {
    let types = [DataType::Int64, DataType::Int64, DataType::Float64, DataType::Float32];
    MEMBERS.into_iter().zip(types).map(|(name, data_type)| Field::new(name, data_type, false)).collect()
}

/// Returns the type of a list's elements.
pub(crate) fn element() -> FieldRef {
    Arc::new(Field::new_list_field(DataType::Struct(members()), true))
}

/// Returns the neighbours of each row, null for rows with a null.
pub(crate) fn lists(samples: &SampleBatch) -> Result<ArrayRef> {
    let found = samples.model.neighbours_batch(samples.rows.view());
    let mut found = found.map_err(|error| samples.describe(NAME, &error))?.into_iter();
    let (mut ranks, mut rows) = (Int64Builder::new(), Int64Builder::new());
    let (mut labels, mut distances) = (Float64Builder::new(), Float32Builder::new());
    let mut lengths = Vec::with_capacity(samples.n_rows);
    for row in 0..samples.n_rows {
        let neighbours = if samples.is_valid(row) { found.next() } else { None }.unwrap_or_default();
        lengths.push(neighbours.len());
        for (rank, neighbour) in (1..).zip(&neighbours) {
            ranks.append_value(rank);
            rows.append_value(i64::try_from(neighbour.row).unwrap_or(i64::MAX));
            labels.append_value(neighbour.label);
            distances.append_value(neighbour.score);
        }
    }
    let values = StructArray::try_new(
        members(),
        vec![
            Arc::new(ranks.finish()),
            Arc::new(rows.finish()),
            Arc::new(labels.finish()),
            Arc::new(distances.finish()),
        ],
        None,
    )?;
    let offsets = OffsetBuffer::from_lengths(lengths);
    let lists = ListArray::try_new(element(), offsets, Arc::new(values), samples.valid.clone())?;
    Ok(Arc::new(lists))
}
