//! `knn_neighbours(model, table, column, ...)` as a table function.

use std::sync::Arc;

use datafusion::{
    catalog::{TableFunctionArgs, TableFunctionImpl, TableProvider},
    common::{Column, DataFusionError, Result, TableReference, plan_err},
    datasource::{ViewTable, provider_as_source},
    execution::SessionState,
    functions::core::expr_fn::get_field,
    logical_expr::{Expr, LogicalPlanBuilder, ScalarUDF, lit},
};
use futures::FutureExt as _;

use crate::neighbours::{KnnNeighbours, MEMBERS, NAME};

/// The column of lists before it is unnested.
const LISTS: &str = "__knn_neighbours";

/// The table function `knn_neighbours(model, table, column, ...)`: the rows of a table, each once for each of its neighbours,
/// with the columns `neighbour_rank`, `neighbour_row`, `neighbour_label` and `neighbour_distance`.
///
/// All arguments are constant texts: a function in `FROM` has no columns yet. A row with a null feature appears once, with null
/// neighbours. The function is a view: its plan has only standard nodes and the scalar function, so that a cluster runs it
/// without a codec of its own.
#[derive(Debug)]
pub struct KnnNeighboursTable;

impl TableFunctionImpl for KnnNeighboursTable {
    fn call_with_args(&self, args: TableFunctionArgs<'_, '_>) -> Result<Arc<dyn TableProvider>> {
        let texts: Vec<&str> = args.exprs().iter().map(text).collect::<Result<_>>()?;
        let [model, table, features @ ..] = texts.as_slice() else {
            return plan_err!("{NAME}: {} arguments were given ({EXPECTED})", texts.len());
        };
        if features.is_empty() {
            return plan_err!("{NAME}: no columns were given ({EXPECTED})");
        }
        let Some(state) = args.session().as_any().downcast_ref::<SessionState>() else {
            return plan_err!("{NAME}: the session has no catalog of tables");
        };
        let reference = TableReference::parse_str(table);
        let provider = find_table(state, &reference)?;
        let scan = LogicalPlanBuilder::scan(reference, provider_as_source(provider), None)?;
        let schema = Arc::clone(scan.schema());
        let columns: Vec<Expr> = schema.columns().into_iter().map(Expr::Column).collect();
        let mut call = vec![lit(*model)];
        for feature in features {
            let (qualifier, field) = schema.qualified_field_with_unqualified_name(feature)?;
            call.push(Expr::Column(Column::new(qualifier.cloned(), field.name())));
        }
        let lists = ScalarUDF::from(KnnNeighbours::new()).call(call).alias(LISTS);
        let neighbour = || Expr::Column(Column::from_name(LISTS));
        let members = MEMBERS.map(|name| get_field(neighbour(), name).alias(format!("neighbour_{name}")));
        let plan = scan
            .project(columns.iter().cloned().chain([lists]))?
            .unnest_column(LISTS)?
            .project(columns.into_iter().chain(members))?
            .build()?;
        Ok(Arc::new(ViewTable::new(plan, None)))
    }
}

const EXPECTED: &str =
    "expected a model, a table and its columns, such as knn_neighbours('model.tar.gz', 'visits', 'a', 'b')";

fn text(argument: &Expr) -> Result<&str> {
    let value = match argument {
        Expr::Literal(value, _) => value.try_as_str().flatten(),
        _ => None,
    };
    value.ok_or_else(|| DataFusionError::Plan(format!("{NAME}: invalid argument: {argument} ({EXPECTED})")))
}

/// Returns a registered table. Catalogs in memory respond at once; a function cannot wait for others.
fn find_table(state: &SessionState, reference: &TableReference) -> Result<Arc<dyn TableProvider>> {
    let schema = state.schema_for_ref(reference.clone())?;
    let found = schema.table(reference.table()).now_or_never();
    match found.transpose()?.flatten() {
        Some(table) => Ok(table),
        None => {
            plan_err!("{NAME}: there is no table \"{reference}\"; register it or use CREATE EXTERNAL TABLE")
        }
    }
}
