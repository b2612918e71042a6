//! Vectors as 16-bit integers times a power of two, and the length of what is lost.

use super::kernel::Pair;

/// The longest vector of integers. The product of two lengths bounds an inner product, which must fit into 32 bits:
/// rounding adds at most half of 1 in each of [`MAX_DIM`] dimensions, so at most 182.
const MAX_LENGTH: f64 = 46_100.0;
/// The largest integer.
const MAX_INTEGER: f64 = i16::MAX as f64;
/// The most dimensions for which the error bounds hold.
pub(super) const MAX_DIM: usize = 1 << 17;

/// The norms between which scales and squares are far from the limits of `f32`.
const NORMS: std::ops::RangeInclusive<f64> = 1.0 / (1u64 << 60) as f64..=(1u64 << 60) as f64;

/// What is known of a quantized vector besides its integers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Quantized {
    /// The vector is about the integers times this power of two.
    pub(super) scale: f32,
    /// The Euclidean norm of the vector, after the centre was subtracted.
    pub(super) norm: f64,
    /// The norm of the difference between the vector and the integers times the scale.
    pub(super) residual: f64,
}

/// Quantizes `vector - center` to `pairs`; a zero follows an odd number of components. `None`, and all zeros, if the norm is
/// not finite or too large or small.
///
/// A component of the difference is rounded once, as an `f32`; what follows is exact up to the precision of `f64`.
pub(super) fn quantize(vector: &[f32], center: &[f32], pairs: &mut [Pair]) -> Option<Quantized> {
    /// Adding it rounds to an integer, in the lowest bits.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    pairs.fill([0; 2]);
    let components = || vector.iter().zip(center).map(|(&x, &c)| f64::from(x - c));
    let (squares, largest) =
        components().fold((0.0f64, 0.0f64), |(sum, largest), x| (sum + x * x, largest.max(x.abs())));
    let norm = squares.sqrt();
    if norm == 0.0 {
        return Some(Quantized { scale: 1.0, norm, residual: 0.0 });
    }
    if !NORMS.contains(&norm) {
        return None;
    }
    let scale = power_of_two_from((norm / MAX_LENGTH).max(largest / MAX_INTEGER));
    let (inverse, mut lost) = (1.0 / scale, 0.0f64);
    for (integer, x) in pairs.as_flattened_mut().iter_mut().zip(components()) {
        let rounded = x * inverse + ROUND;
        *integer = rounded.to_bits() as i16;
        let rest = x * inverse - (rounded - ROUND);
        lost += rest * rest;
    }
    Some(Quantized { scale: scale as f32, norm, residual: lost.sqrt() * scale })
}

/// Returns the lowest power of two that is at least `value`, a positive normal number.
fn power_of_two_from(value: f64) -> f64 {
    let floor = f64::from_bits(value.to_bits() & (0x7ff << 52));
    if floor < value { 2.0 * floor } else { floor }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantized(vector: &[f32], center: &[f32]) -> Option<(Quantized, Vec<i16>)> {
        let mut pairs = vec![[7; 2]; vector.len().div_ceil(2)];
        let quantized = quantize(vector, center, &mut pairs);
        let integers = pairs.as_flattened();
        assert!(integers[vector.len()..].iter().all(|&v| v == 0));
        quantized.map(|quantized| (quantized, integers[..vector.len()].to_vec()))
    }

    #[test]
    fn integers_times_the_scale_are_the_vector_up_to_the_residual() {
        let mut state = 1u32;
        for dim in [1, 31, 32, 33, 700] {
            for exponent in [-50, -10, 0, 3, 40] {
                let mut number = || {
                    state = state.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
                    (state >> 8) as f32 / (1 << 23) as f32 - 1.0
                };
                let vector: Vec<f32> = (0..dim).map(|_| number() * 2f32.powi(exponent)).collect();
                let center: Vec<f32> = vector.iter().map(|v| v / 3.0).collect();
                let (found, integers) = quantized(&vector, &center).unwrap();
                let rest =
                    vector.iter().zip(&center).zip(&integers).map(|((x, c), &integer)| {
                        f64::from(x - c) - f64::from(integer) * f64::from(found.scale)
                    });
                let residual = rest.map(|rest| rest * rest).sum::<f64>().sqrt();
                assert!((residual - found.residual).abs() <= 1e-9 * found.norm, "{dim} {exponent}");
                assert!(found.residual <= found.norm * (dim as f64).sqrt() / 32_000.0, "{dim} {exponent}");
                let length = integers.iter().map(|&v| f64::from(v) * f64::from(v)).sum::<f64>();
                assert!(length < f64::from(i32::MAX) && integers.iter().all(|&v| v > i16::MIN));
            }
        }
    }

    #[test]
    fn whole_numbers_are_exact_and_extremes_are_refused() {
        let (found, _) = quantized(&[0.0, 255.0, 17.0, 3.0], &[128.0; 4]).unwrap();
        assert_eq!(found.residual, 0.0);
        assert_eq!(quantized(&[2.0, 2.0], &[2.0, 2.0]).unwrap().1, [0, 0]);
        for extreme in [f32::MAX, -f32::MAX, 1e30, 1e-30, 1e-45] {
            assert_eq!(quantized(&[extreme, 0.0], &[0.0; 2]), None, "{extreme}");
        }
        // The difference overflows.
        assert_eq!(quantized(&[f32::MAX], &[f32::MIN]), None);
    }
}
