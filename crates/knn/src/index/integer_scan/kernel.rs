//! Inner products of 16-bit integers, of some queries and a tile of rows, by the widest instructions of the processor.
//!
//! The instruction (`pmaddwd`) multiplies pairs of integers and adds the two products. Therefore a tile holds its first two
//! columns, row by row, then the next two, and so on: a register is loaded with a pair of each of 8 or 16 rows, is multiplied
//! with a pair of a query, and accumulates the inner products of these rows.

/// Rows of a tile.
pub(super) const ROWS: usize = 64;
/// Queries that are multiplied with a tile together, so that a loaded row is used several times.
pub(super) const QUERIES: usize = 4;

/// Two consecutive components of a vector.
pub(super) type Pair = [i16; 2];

/// The same pair of components of each row of a tile.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(super) struct RowPairs(pub(super) [Pair; ROWS]);

/// Instructions that compute inner products. Results wrap around modulo 2^32.
pub(super) trait IntegerKernel: Copy {
    /// Returns the inner products of each query and each row; `queries` has as many pairs as `rows`.
    fn dots<const Q: usize>(self, queries: &[[Pair; Q]], rows: &[RowPairs]) -> [[i32; ROWS]; Q];
}

/// Code for any processor.
#[derive(Debug, Clone, Copy)]
pub(super) struct Portable;

impl IntegerKernel for Portable {
    #[inline(always)]
    fn dots<const Q: usize>(self, queries: &[[Pair; Q]], rows: &[RowPairs]) -> [[i32; ROWS]; Q] {
        /// Rows whose sums fit into registers.
        const PART: usize = 16;
        let mut dots = [[0; ROWS]; Q];
        for (q, dots) in dots.iter_mut().enumerate() {
            for (part, dots) in dots.as_chunks_mut::<PART>().0.iter_mut().enumerate() {
                let mut sums = [0i32; PART];
                for (query, row_pairs) in queries.iter().zip(rows) {
                    let [a, b] = query[q].map(i32::from);
                    let pairs = &row_pairs.0.as_chunks::<PART>().0[part];
                    for (sum, pair) in sums.iter_mut().zip(pairs) {
                        let products = a * i32::from(pair[0]) + b * i32::from(pair[1]);
                        *sum = sum.wrapping_add(products);
                    }
                }
                *dots = sums;
            }
        }
        dots
    }
}

/// Implements the kernel for a set of instructions: `$parts` times, sums for `$registers` registers of `$lanes` rows.
#[cfg(target_arch = "x86_64")]
macro_rules! impl_kernel {
    (
        $arch:ty, $register:ty, $lanes:literal, $registers:literal, $parts:literal,
        $all:ident.$broadcast:ident, $multiply:ident.$multiply_add:ident, $sums:ident.$add:ident
    ) => {
        impl IntegerKernel for $arch {
            #[inline(always)]
            fn dots<const Q: usize>(self, queries: &[[Pair; Q]], rows: &[RowPairs]) -> [[i32; ROWS]; Q] {
                let mut dots = [[0; ROWS]; Q];
                for part in 0..$parts {
                    let mut sums: [[$register; $registers]; Q] =
                        [[pulp::cast([0i32; $lanes]); $registers]; Q];
                    for (query, row_pairs) in queries.iter().zip(rows) {
                        let pairs = row_pairs.0.as_chunks::<$lanes>().0;
                        let rows: [$register; $registers] =
                            std::array::from_fn(|r| pulp::cast(pairs[part * $registers + r]));
                        for (pair, sums) in query.iter().zip(&mut sums) {
                            let query = self.$all.$broadcast(pulp::cast(*pair));
                            for (row, sum) in rows.iter().zip(sums) {
                                *sum = self.$sums.$add(*sum, self.$multiply.$multiply_add(query, *row));
                            }
                        }
                    }
                    for (sums, dots) in sums.iter().zip(&mut dots) {
                        let dots = dots.as_chunks_mut::<$lanes>().0;
                        for (r, sum) in sums.iter().enumerate() {
                            dots[part * $registers + r] = pulp::cast(*sum);
                        }
                    }
                }
                dots
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{__m256i, __m512i};
#[cfg(target_arch = "x86_64")]
impl_kernel!(
    pulp::x86::V3,
    __m256i,
    8,
    2,
    4,
    avx._mm256_set1_epi32,
    avx2._mm256_madd_epi16,
    avx2._mm256_add_epi32
);
#[cfg(target_arch = "x86_64")]
impl_kernel!(
    pulp::x86::V4,
    __m512i,
    16,
    4,
    1,
    avx512f._mm512_set1_epi32,
    avx512bw._mm512_madd_epi16,
    avx512f._mm512_add_epi32
);

#[cfg(target_arch = "x86_64")]
pulp::simd_type! {
    /// 512-bit registers and an instruction that multiplies and accumulates (`vpdpwssd`): the compiler uses it for a
    /// multiplication whose result is added.
    struct Vnni {
        pub avx512f: "avx512f",
        pub avx512bw: "avx512bw",
        pub avx512vnni: "avx512vnni",
    }
}
#[cfg(target_arch = "x86_64")]
impl_kernel!(
    Vnni,
    __m512i,
    16,
    4,
    1,
    avx512f._mm512_set1_epi32,
    avx512bw._mm512_madd_epi16,
    avx512f._mm512_add_epi32
);

/// Work that is compiled once for each set of instructions.
pub(super) trait Task {
    type Output;

    /// Does the work. Must be inlined, to be compiled for the kernel's instructions.
    fn run<K: IntegerKernel>(self, kernel: K) -> Self::Output;
}

/// Runs a task with the fastest kernel of this processor.
pub(super) fn run<T: Task>(task: T) -> T::Output {
    #[cfg(target_arch = "x86_64")]
    {
        if let Some(vnni) = Vnni::try_new() {
            return vnni.vectorize(With { kernel: vnni, task });
        }
        if let Some(v4) = pulp::x86::V4::try_new() {
            return v4.vectorize(With { kernel: v4, task });
        }
        if let Some(v3) = pulp::x86::V3::try_new() {
            return v3.vectorize(With { kernel: v3, task });
        }
    }
    task.run(Portable)
}

#[cfg(target_arch = "x86_64")]
struct With<K, T> {
    kernel: K,
    task: T,
}

#[cfg(target_arch = "x86_64")]
impl<K: IntegerKernel, T: Task> pulp::NullaryFnOnce for With<K, T> {
    type Output = T::Output;

    #[inline(always)]
    fn call(self) -> T::Output {
        self.task.run(self.kernel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(i: usize) -> i16 {
        (((i as u32).wrapping_mul(2_654_435_761) >> 8) as i16).max(-i16::MAX)
    }

    struct Check;

    impl Task for Check {
        type Output = ();

        #[inline(always)]
        fn run<K: IntegerKernel>(self, kernel: K) {
            for len in [1, 2, 35] {
                let queries: Vec<[Pair; QUERIES]> = (0..len)
                    .map(|p| std::array::from_fn(|q| [number(9 * p + q), number(7 * p + 50 * q + 1)]))
                    .collect();
                let rows: Vec<RowPairs> = (0..len)
                    .map(|p| RowPairs(std::array::from_fn(|r| [number(p + 3 * r), number(p + 100 * r + 7)])))
                    .collect();
                let dot = |q: usize, r: usize| {
                    let pairs = queries.iter().zip(&rows).flat_map(|(a, b)| a[q].into_iter().zip(b.0[r]));
                    pairs.map(|(a, b)| i64::from(a) * i64::from(b)).sum::<i64>() as i32
                };
                let expected: [[i32; ROWS]; QUERIES] =
                    std::array::from_fn(|q| std::array::from_fn(|r| dot(q, r)));
                assert_eq!(kernel.dots(&queries, &rows), expected);
                let first: Vec<[Pair; 1]> = queries.iter().map(|pairs| [pairs[0]]).collect();
                assert_eq!(kernel.dots(&first, &rows), [expected[0]]);
            }
        }
    }

    #[test]
    fn all_kernels_give_the_same_inner_products() {
        Check.run(Portable);
        #[cfg(target_arch = "x86_64")]
        {
            if let Some(v3) = pulp::x86::V3::try_new() {
                v3.vectorize(With { kernel: v3, task: Check });
            }
            if let Some(v4) = pulp::x86::V4::try_new() {
                v4.vectorize(With { kernel: v4, task: Check });
            }
            if let Some(vnni) = Vnni::try_new() {
                vnni.vectorize(With { kernel: vnni, task: Check });
            }
        }
    }
}
