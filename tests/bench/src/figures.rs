//! Repetitions of one measurement, as one figure.

use std::{fmt, time::Instant};

use anyhow::{Context as _, Result};

/// What repetitions gave, in their order; at least one.
#[derive(Debug, Clone)]
pub(crate) struct Figures(Vec<f64>);

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Shown as ns, µs, ms or s.
    Seconds,
    /// Events in a second.
    PerSecond,
    /// How many times as fast.
    Times,
    /// How many.
    Count,
    /// Shown in millions.
    Bytes,
    /// Bytes in a second, shown in millions.
    BytesPerSecond,
}

impl Figures {
    /// Returns the figures of repetitions.
    ///
    /// # Panics
    /// If there are none.
    pub(crate) fn new(repetitions: Vec<f64>) -> Self {
        assert!(!repetitions.is_empty(), "a measurement has at least one repetition");
        Self(repetitions)
    }

    /// Returns the middle one; of an even number the mean of the middle two.
    pub(crate) fn median(&self) -> f64 {
        let sorted = self.sorted();
        let middle = sorted.len() / 2;
        if sorted.len() % 2 == 1 { sorted[middle] } else { f64::midpoint(sorted[middle - 1], sorted[middle]) }
    }

    pub(crate) fn min(&self) -> f64 {
        self.sorted()[0]
    }

    pub(crate) fn max(&self) -> f64 {
        self.0.iter().copied().fold(f64::NEG_INFINITY, f64::max)
    }

    /// Each repetition of these divided by the same repetition of those.
    ///
    /// Both were measured by turns, so what slowed the machine for a while slowed both and does not show in the ratio.
    ///
    /// # Panics
    /// If there are not equally many.
    pub(crate) fn over(&self, those: &Self) -> Self {
        assert_eq!(self.0.len(), those.0.len(), "only what was measured by turns has a ratio");
        Self(self.0.iter().zip(&those.0).map(|(a, b)| a / b).collect())
    }

    /// Returns the figures with the lowest median.
    ///
    /// # Errors
    /// If there are none.
    pub(crate) fn lowest(figures: &[Self]) -> Result<&Self> {
        let lowest = figures.iter().min_by(|a, b| a.median().total_cmp(&b.median()));
        lowest.context("nothing was measured")
    }

    fn sorted(&self) -> Vec<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted
    }
}

impl Unit {
    /// Returns the number in this unit, with about three digits.
    pub(crate) fn show(self, number: f64) -> String {
        match self {
            Self::Seconds => {
                // By its size: a difference may be below nothing.
                let (scaled, unit) = match number.abs() {
                    n if n < 1e-6 => (number * 1e9, "ns"),
                    n if n < 1e-3 => (number * 1e6, "µs"),
                    n if n < 1.0 => (number * 1e3, "ms"),
                    _ => (number, "s"),
                };
                format!("{} {unit}", three_digits(scaled))
            }
            Self::PerSecond => format!("{} /s", thousands(number)),
            Self::Count => thousands(number),
            Self::Bytes => format!("{} MB", three_digits(number / 1e6)),
            Self::BytesPerSecond => format!("{} MB/s", three_digits(number / 1e6)),
            Self::Times if number >= 1000.0 => format!("{} ×", thousands(number)),
            Self::Times => format!("{} ×", three_digits(number)),
        }
    }
}

fn three_digits(number: f64) -> impl fmt::Display {
    fmt::from_fn(move |f| {
        let decimals = match number {
            n if n < 10.0 => 2,
            n if n < 100.0 => 1,
            _ => 0,
        };
        write!(f, "{number:.decimals$}")
    })
}

/// Returns a whole number with a comma after each third digit.
fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut shown = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// Returns how long a call takes, in seconds, and what it gives.
pub(crate) fn timed<T>(call: impl FnOnce() -> T) -> (f64, T) {
    let begun = Instant::now();
    let result = call();
    (begun.elapsed().as_secs_f64(), result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_middle_one() {
        assert_eq!(Figures::new(vec![3.0, 1.0, 9.0]).median(), 3.0);
        assert_eq!(Figures::new(vec![4.0, 1.0, 2.0, 9.0]).median(), 3.0);
        let ratio = Figures::new(vec![3.0, 8.0]).over(&Figures::new(vec![1.0, 2.0]));
        assert_eq!((ratio.min(), ratio.max()), (3.0, 4.0));
    }

    #[test]
    fn numbers_are_shown_with_three_digits() {
        let cases = [
            (Unit::Seconds, 1.234_5e-9, "1.23 ns"),
            (Unit::Seconds, 0.012_34, "12.3 ms"),
            (Unit::Seconds, 2.0, "2.00 s"),
            (Unit::Seconds, -0.012_34, "-12.34 ms"),
            (Unit::PerSecond, 56_789.4, "56,789 /s"),
            (Unit::Times, 0.56, "0.56 ×"),
            (Unit::Bytes, 12_345_678.0, "12.3 MB"),
            (Unit::BytesPerSecond, 1.5e9, "1500 MB/s"),
            (Unit::Times, 1_234_567.0, "1,234,567 ×"),
        ];
        for (unit, number, shown) in cases {
            assert_eq!(unit.show(number), shown);
        }
    }
}
