//! Generated data of the shapes that users have: seeded, the same in every run.
//!
//! No real data set is downloaded. The rows lie in clusters, as real ones do, with the kind of numbers of the original.

use ndarray::Array2;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng as _};

/// What the rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DataShape {
    /// 54 columns as in covtype: ten whole numbers of different ranges, and two columns of 4 and of 40 values as zeros and ones.
    Covtype,
    /// 784 columns as in MNIST and sign MNIST: the pixels of an image, whole numbers from 0 to 255.
    Mnist,
    /// Embeddings of a width: real numbers, each row of length 1.
    Embeddings(usize),
    /// Whole numbers from 1 to 8, uniform: a small lattice.
    Lattice(usize),
    /// Real numbers from 1 to 8, uniform.
    Reals(usize),
}

const COVTYPE_NUMBERS: usize = 10;
const COVTYPE_AREAS: usize = 4;
const COVTYPE_SOILS: usize = 40;
const MNIST_PIXELS: usize = 784;

impl DataShape {
    pub(crate) fn dim(self) -> usize {
        match self {
            Self::Covtype => COVTYPE_NUMBERS + COVTYPE_AREAS + COVTYPE_SOILS,
            Self::Mnist => MNIST_PIXELS,
            Self::Embeddings(dim) | Self::Lattice(dim) | Self::Reals(dim) => dim,
        }
    }

    /// Returns how many clusters the rows lie in.
    fn n_clusters(self) -> usize {
        match self {
            Self::Covtype => 7,
            Self::Mnist => 24,
            Self::Embeddings(_) => 100,
            Self::Lattice(_) | Self::Reals(_) => 1,
        }
    }

    /// Returns a number of rows, one after another.
    pub(crate) fn draw(self, n_rows: usize) -> Array2<f32> {
        let dim = self.dim();
        let mut random = RowRandom::new();
        let centres: Vec<Vec<f32>> = (0..self.n_clusters())
            .map(|_| (0..dim).map(|column| self.centre(column, &mut random)).collect())
            .collect();
        let mut rows = Array2::zeros((n_rows, dim));
        for mut row in rows.rows_mut() {
            let cluster = random.below(centres.len());
            let row = row.as_slice_mut().expect("rows of a new array are contiguous");
            for (value, &centre) in row.iter_mut().zip(&centres[cluster]) {
                *value = self.value(centre, &mut random);
            }
            self.finish(cluster, row, &mut random);
        }
        rows
    }

    /// Returns the mean of a column in a cluster.
    fn centre(self, column: usize, random: &mut RowRandom) -> f32 {
        match self {
            Self::Covtype => [3000.0, 360.0, 60.0, 1400.0, 600.0, 7000.0, 254.0, 254.0, 254.0, 7000.0]
                .get(column)
                .map_or(0.0, |range| range * (0.2 + 0.6 * random.unit())),
            Self::Mnist => 50.0 + 150.0 * random.unit(),
            Self::Embeddings(_) => random.normal(),
            Self::Lattice(_) | Self::Reals(_) => 0.0,
        }
    }

    /// Returns a number near the mean of its column.
    fn value(self, centre: f32, random: &mut RowRandom) -> f32 {
        match self {
            Self::Covtype if centre == 0.0 => 0.0,
            Self::Covtype => (centre * (1.0 + 0.15 * random.normal())).round().max(0.0),
            Self::Mnist => (centre + 30.0 * random.normal()).round().clamp(0.0, 255.0),
            Self::Embeddings(_) => centre + 0.7 * random.normal(),
            Self::Lattice(_) => 1.0 + random.below(8) as f32,
            Self::Reals(_) => 1.0 + 7.0 * random.unit(),
        }
    }

    /// Changes what depends on the whole row.
    fn finish(self, cluster: usize, row: &mut [f32], random: &mut RowRandom) {
        match self {
            Self::Covtype => {
                // Each cluster has its areas and soils.
                row[COVTYPE_NUMBERS + (cluster + random.below(2)) % COVTYPE_AREAS] = 1.0;
                let soil = (5 * cluster + random.below(9)) % COVTYPE_SOILS;
                row[COVTYPE_NUMBERS + COVTYPE_AREAS + soil] = 1.0;
            }
            Self::Embeddings(_) => {
                let length = row.iter().map(|value| value * value).sum::<f32>().sqrt();
                for value in row {
                    *value /= length;
                }
            }
            Self::Mnist | Self::Lattice(_) | Self::Reals(_) => {}
        }
    }
}

/// Random numbers, the same ones for each data set.
struct RowRandom {
    generator: ChaCha8Rng,
    /// The second of a pair of normal numbers.
    spare: Option<f32>,
}

impl RowRandom {
    fn new() -> Self {
        Self { generator: ChaCha8Rng::from_seed(*b"mysfits-bench: rows of shapes..."), spare: None }
    }

    /// Returns a number from 0 to below 1.
    fn unit(&mut self) -> f32 {
        (self.generator.next_u32() >> 8) as f32 / (1 << 24) as f32
    }

    /// Returns a whole number below `end`, uniform to within 2^-32.
    fn below(&mut self, end: usize) -> usize {
        ((u64::from(self.generator.next_u32()) * end as u64) >> 32) as usize
    }

    /// Returns a number of the standard normal distribution, by the method of Box and Muller.
    fn normal(&mut self) -> f32 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        // Above 0, so that the logarithm is finite.
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        let (sine, cosine) = (std::f32::consts::TAU * self.unit()).sin_cos();
        self.spare = Some(radius * sine);
        radius * cosine
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_the_numbers_of_their_originals() {
        let covtype = DataShape::Covtype.draw(50);
        assert_eq!(covtype.ncols(), 54);
        for row in covtype.rows() {
            assert!(row.iter().all(|value| value.fract() == 0.0 && *value >= 0.0));
            let ones = |from: usize, to: usize| row.iter().take(to).skip(from).sum::<f32>();
            assert_eq!((ones(10, 14), ones(14, 54)), (1.0, 1.0), "one area and one soil");
        }
        let mnist = DataShape::Mnist.draw(20);
        assert!(mnist.iter().all(|pixel| pixel.fract() == 0.0 && (0.0..=255.0).contains(pixel)));
        for row in DataShape::Embeddings(768).draw(5).rows() {
            assert!((row.iter().map(|value| value * value).sum::<f32>() - 1.0).abs() < 1e-5);
        }
        let lattice = DataShape::Lattice(5).draw(200);
        assert!(lattice.iter().all(|value| value.fract() == 0.0 && (1.0..=8.0).contains(value)));
        assert!(lattice.iter().any(|value| *value == 1.0) && lattice.iter().any(|value| *value == 8.0));
    }

    #[test]
    fn the_same_rows_are_drawn_in_every_run() {
        let (first, second) = (DataShape::Reals(3).draw(4), DataShape::Reals(3).draw(7));
        assert_eq!(first.as_slice(), second.as_slice().map(|values| &values[..12]));
    }

    #[test]
    fn normal_numbers_have_mean_0_and_variance_1() {
        let mut random = RowRandom::new();
        let numbers: Vec<f64> = (0..20_000).map(|_| f64::from(random.normal())).collect();
        let mean = numbers.iter().sum::<f64>() / 20_000.0;
        let variance = numbers.iter().map(|n| (n - mean).powi(2)).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
    }
}
