//! Exact search over the number of dimensions and of rows, as charts.

use anyhow::Result;

use super::{DataShape, Library, SearchCalls, SearchData};
use crate::{
    Effort,
    chart::{Chart, ChartAxis, ChartLine, ChartScale},
    figures::{Figures, Unit},
    inputs::Inputs,
    peers::Peers,
    report::ReportSection,
};

const K: usize = 10;
/// Queries of a batch.
const N_QUERIES: usize = 100;
const DIMENSIONS: [usize; 11] = [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048];
/// Rows at each number of dimensions.
const N_ROWS: usize = 20_000;
/// Every how many of the numbers a first look measures.
const QUICK_STEP: usize = 3;
const ROWS: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];
/// The most rows of a first look.
const QUICK_ROWS: usize = 100_000;

/// One number of dimensions or of rows.
struct CurvePoint {
    x: usize,
    shape: DataShape,
    n_rows: usize,
}

pub(crate) fn measure(inputs: &Inputs, all: &mut Peers, effort: Effort) -> Result<ReportSection> {
    let mut section = ReportSection::new(
        "Exact search over dimensions and rows",
        "The time of one query of a batch of 100, k 10, on all cores on both sides; generated data. Over dimensions: 20,000 rows, \
         uniform real numbers up to 8 dimensions, above them embeddings. Over rows: covtype's shape, 54 dimensions. kd-trees are \
         peers up to 16 dimensions. The rows of the peers are compared with ours; for information, without thresholds.",
    );
    let step = if effort.is_full { 1 } else { QUICK_STEP };
    let dimensions = DIMENSIONS.into_iter().step_by(step).map(|dim| {
        let shape = if dim <= 8 { DataShape::Reals(dim) } else { DataShape::Embeddings(dim) };
        CurvePoint { x: dim, shape, n_rows: N_ROWS }
    });
    let most = if effort.is_full { usize::MAX } else { QUICK_ROWS };
    let rows = ROWS.into_iter().filter(|&n_rows| n_rows <= most);
    let rows = rows.map(|n_rows| CurvePoint { x: n_rows, shape: DataShape::Covtype, n_rows });
    let mut curve = |name, title: &str, label: &'static str, points: &mut dyn Iterator<Item = CurvePoint>| {
        let mut lines: Vec<ChartLine> = Vec::new();
        for point in points {
            for (library, figures) in measure_point(&point, inputs, all, effort)? {
                section.row(format!("{} {label}: {library}", point.x), Unit::Seconds, &figures);
                let place = (point.x as f64, figures.median());
                match lines.iter_mut().find(|line| line.name == library) {
                    Some(line) => line.points.push(place),
                    None => lines.push(ChartLine { name: library.to_owned(), points: vec![place] }),
                }
            }
        }
        section.chart(Chart {
            name,
            title: title.to_owned(),
            x: ChartAxis { label, unit: Unit::Count, scale: ChartScale::Log },
            y: ChartAxis { label: "time of a query", unit: Unit::Seconds, scale: ChartScale::Log },
            lines,
        });
        anyhow::Ok(())
    };
    let title = "Exact search over dimensions (20,000 rows, k 10, batches of 100)";
    curve("dimensions", title, "dimensions", &mut { dimensions })?;
    let title = "Exact search over rows (54 dimensions, k 10, batches of 100)";
    curve("rows", title, "rows", &mut { rows })?;
    Ok(section)
}

/// Measures ours, and the peers that are there for this number of dimensions, by turns.
fn measure_point(
    point: &CurvePoint,
    inputs: &Inputs,
    peers: &mut Peers,
    effort: Effort,
) -> Result<Vec<(&'static str, Figures)>> {
    let data = SearchData::write(inputs, point.shape, point.n_rows, N_QUERIES)?;
    let model = data.model(K)?;
    let expected = data.ours(&model, SearchCalls::Batch, N_QUERIES)?.1;
    let mut libraries = vec![Library::Faiss, Library::Sklearn, Library::Usearch];
    if point.shape.dim() <= 16 {
        libraries.push(Library::Pykdtree);
        libraries.extend(peers.has_nanoflann().then_some(Library::Nanoflann));
    }
    let mut ours = Vec::new();
    let mut theirs = vec![Vec::new(); libraries.len()];
    for _ in 0..effort.slow_repetitions {
        ours.push(data.ours(&model, SearchCalls::Batch, N_QUERIES)?.0);
        for (library, seconds) in libraries.iter().zip(&mut theirs) {
            seconds.push(data.theirs(peers, *library, SearchCalls::Batch, &expected)?);
        }
    }
    let theirs =
        libraries.into_iter().zip(theirs).map(|(library, seconds)| (library.as_str(), Figures::new(seconds)));
    Ok([("ours", Figures::new(ours))].into_iter().chain(theirs).collect())
}
