//! The search: tiles of rows and queries, the limit of each query, and the rows that may be below it.

use super::{
    IntegerRows, TileBounds,
    bound::QueryBound,
    kernel::{self, IntegerKernel, Pair, QUERIES, ROWS, RowPairs, Task},
    quantize::quantize,
};
use crate::{Metric, index::top_k::TopK};

/// Bytes of rows that are multiplied with all queries before the next rows: they stay in a core's cache.
const BLOCK_BYTES: usize = 256 * 1024;
/// Rows that are collected for each neighbour (and for at least 16) before the limit is lowered.
const COLLECTED_PER_NEIGHBOUR: usize = 4;
/// Rows whose canonical scores are computed together: each is read from another place of the memory.
const SCORED_TOGETHER: usize = 4;

/// Buffers of a search.
#[derive(Debug, Default)]
pub(in crate::index) struct QueryBuffers {
    one: Vec<Pair>,
    pairs: Vec<Pair>,
    collected: Vec<Vec<Collected>>,
}

/// A row that may be among the nearest, and its bounds.
#[derive(Debug, Clone, Copy)]
struct Collected {
    lower: f32,
    upper: f32,
    row: u32,
}

/// A query and what was found so far.
struct QuerySearch<'a> {
    metric: Metric,
    query: &'a [f32],
    /// All rows.
    values: &'a [f32],
    /// Rows whose canonical scores were computed.
    nearest: &'a mut TopK,
    /// `None` if the rest of the rows must be scanned.
    bound: Option<QueryBound>,
    /// Rows with a higher lower bound are skipped.
    limit: f32,
    collected: &'a mut Vec<Collected>,
    n_scored: usize,
}

/// Searches all rows for each query; see [`IntegerRows::search`].
pub(super) fn search(
    rows: &IntegerRows,
    values: &[f32],
    queries: &[f32],
    nearest: &mut [TopK],
    buffers: &mut QueryBuffers,
) -> usize {
    let dim = rows.center.len();
    let len = dim.div_ceil(2);
    let QueryBuffers { one, pairs, collected } = buffers;
    one.resize(len, [0; 2]);
    pairs.resize(nearest.len() * len, [0; 2]);
    collected.resize_with(nearest.len().max(collected.len()), Vec::new);
    let n_in_tiles = nearest.len() / QUERIES * QUERIES;
    let each = queries.chunks_exact(dim).zip(nearest).zip(collected).enumerate();
    let searches = each.map(|(i, ((query, nearest), collected))| {
        let bound = quantize(query, &rows.center, one)
            .and_then(|quantized| QueryBound::new(rows.metric, dim, quantized, rows.residual));
        // The queries of a tile are interleaved; the last, less than a tile, follow one by one.
        let (first, step) =
            if i < n_in_tiles { (i / QUERIES * QUERIES * len + i % QUERIES, QUERIES) } else { (i * len, 1) };
        for (to, &from) in pairs[first..].iter_mut().step_by(step).zip(&*one) {
            *to = from;
        }
        let (metric, limit) = (rows.metric, f32::INFINITY);
        QuerySearch { metric, query, values, nearest, bound, limit, collected, n_scored: 0 }
    });
    let mut searches: Vec<_> = searches.collect();
    kernel::run(IntegerSearch { rows, query_pairs: pairs, searches: &mut searches });
    for search in &mut searches {
        search.score_collected();
    }
    searches.iter().map(|search| search.n_scored).sum()
}

struct IntegerSearch<'a, 'b> {
    rows: &'a IntegerRows,
    query_pairs: &'a [Pair],
    searches: &'a mut [QuerySearch<'b>],
}

impl Task for IntegerSearch<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<K: IntegerKernel>(self, kernel: K) {
        let Self { rows, query_pairs, searches } = self;
        let len = rows.center.len().div_ceil(2);
        let block_tiles = (BLOCK_BYTES / size_of::<RowPairs>() / len).max(1);
        let (tiled, rest) = searches.as_chunks_mut::<QUERIES>();
        let (tiled_pairs, rest_pairs) = query_pairs.split_at(tiled.len() * QUERIES * len);
        let blocks = rows.tiles.chunks(block_tiles).zip(rows.pairs.chunks(block_tiles * len));
        for (block, (tiles, pairs)) in blocks.enumerate() {
            let block = Block { first: block * block_tiles * ROWS, tiles, pairs };
            for (searches, pairs) in tiled.iter_mut().zip(tiled_pairs.chunks_exact(QUERIES * len)) {
                block.search(kernel, pairs.as_chunks::<QUERIES>().0, searches);
            }
            for (search, pairs) in rest.iter_mut().zip(rest_pairs.chunks_exact(len)) {
                block.search(kernel, pairs.as_chunks::<1>().0, std::array::from_mut(search));
            }
            for search in tiled.as_flattened_mut().iter_mut().chain(&mut *rest) {
                search.end_block(block.first, block.first + tiles.len() * ROWS);
            }
        }
    }
}

/// Some tiles of rows.
struct Block<'a> {
    /// The number of the first row.
    first: usize,
    tiles: &'a [TileBounds],
    pairs: &'a [RowPairs],
}

impl Block<'_> {
    /// Collects the rows of the block that are below the limits of `Q` queries.
    #[inline(always)]
    fn search<K: IntegerKernel, const Q: usize>(
        &self,
        kernel: K,
        queries: &[[Pair; Q]],
        searches: &mut [QuerySearch<'_>; Q],
    ) {
        if searches.iter().all(|search| search.bound.is_none()) {
            return;
        }
        let tiles = self.tiles.iter().zip(self.pairs.chunks_exact(queries.len()));
        for (number, (tile, pairs)) in tiles.enumerate() {
            let dots = kernel.dots(queries, pairs);
            for (search, dots) in searches.iter_mut().zip(&dots) {
                let Some(bound) = search.bound else { continue };
                let mut lower = [0.0f32; ROWS];
                let mut is_near = false;
                for i in 0..ROWS {
                    lower[i] = bound.lower(dots[i], tile.scales[i], tile.half_norms[i], tile.norms[i]);
                    is_near |= lower[i] <= search.limit;
                }
                if is_near {
                    search.collect(bound, tile, &lower, self.first + number * ROWS);
                }
            }
        }
    }
}

impl QuerySearch<'_> {
    fn n_rows(&self) -> usize {
        self.values.len() / self.query.len()
    }

    /// Collects the rows of a tile that are below the limit; lowers it when there are many.
    #[inline(never)]
    fn collect(&mut self, bound: QueryBound, tile: &TileBounds, lower: &[f32; ROWS], first: usize) {
        for (i, &lower) in lower.iter().enumerate().take(self.n_rows() - first) {
            if lower <= self.limit {
                let upper = bound.upper(lower, tile.get(i));
                self.collected.push(Collected { lower, upper, row: (first + i) as u32 });
            }
        }
        let k = self.nearest.k();
        let max_collected = COLLECTED_PER_NEIGHBOUR * k.max(16);
        if self.collected.len() >= max_collected {
            // The k rows with the lowest upper bounds are not farther than this one of them.
            let (_, farthest, _) =
                self.collected.select_nth_unstable_by(k - 1, |a, b| a.upper.total_cmp(&b.upper));
            self.limit = self.limit.min(bound.limit(bound.sort_key(farthest.upper)));
            self.collected.retain(|row| row.lower <= self.limit);
            if self.collected.len() > max_collected / 2 {
                self.score_collected();
            }
        }
    }

    /// Computes the canonical scores of the collected rows, the most promising first, and offers them.
    fn score_collected(&mut self) {
        let Some(bound) = self.bound else { return };
        self.collected.sort_unstable_by(|a, b| a.lower.total_cmp(&b.lower));
        for rows in self.collected.chunks(SCORED_TOGETHER) {
            if rows[0].lower > self.limit {
                break;
            }
            let row = |i| rows.get(i).unwrap_or(&rows[0]).row as usize;
            let vectors: [_; SCORED_TOGETHER] =
                std::array::from_fn(|i| &self.values[row(i) * self.query.len()..][..self.query.len()]);
            for (collected, score) in rows.iter().zip(self.metric.scores(self.query, vectors)) {
                self.nearest.offer(self.metric.sort_key(score), collected.row);
            }
            self.limit = self.limit.min(bound.limit(f64::from(self.nearest.bound_key())));
            self.n_scored += rows.len();
        }
        self.collected.clear();
    }

    /// Scans the rows `first..end` if the bounds do not tell them apart; decides whether to scan those that follow.
    fn end_block(&mut self, first: usize, end: usize) {
        let end = end.min(self.n_rows());
        if self.bound.is_none() {
            let dim = self.query.len();
            let mut row = first as u32;
            self.metric.sort_keys(self.query, &self.values[first * dim..end * dim], |sort_key| {
                self.nearest.offer(sort_key, row);
                row += 1;
            });
        } else if self.n_scored > 16 * self.nearest.k() + end / 8 {
            // A canonical score takes several times as long as an inner product of integers.
            self.score_collected();
            self.bound = None;
        }
    }
}
