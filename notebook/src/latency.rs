//! How long answers took.

use std::{
    fmt,
    time::{Duration, Instant},
};

use crate::varying;

/// The times of many requests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Latencies {
    ascending: Vec<Duration>,
}

impl Latencies {
    /// Does something and notes how long it took.
    pub fn time<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let done = work();
        self.add(begun.elapsed());
        done
    }

    /// Notes a time.
    pub fn add(&mut self, took: Duration) {
        let position = self.ascending.partition_point(|other| *other <= took);
        self.ascending.insert(position, took);
    }

    /// How many were noted.
    #[must_use]
    pub fn n_samples(&self) -> usize {
        self.ascending.len()
    }

    /// The time that `percent` of the requests did not exceed, by the nearest rank; none of no requests.
    ///
    /// ```
    /// use std::time::Duration;
    /// let mut latencies = mysfits_notebook::Latencies::default();
    /// for ms in [40, 10, 30, 20] {
    ///     latencies.add(Duration::from_millis(ms));
    /// }
    /// assert_eq!(latencies.percentile(50.0), Some(Duration::from_millis(20)));
    /// assert_eq!(latencies.percentile(100.0), Some(Duration::from_millis(40)));
    /// ```
    #[must_use]
    pub fn percentile(&self, percent: f64) -> Option<Duration> {
        let rank = (percent / 100.0 * self.ascending.len() as f64).ceil() as usize;
        self.ascending.get(rank.saturating_sub(1)).copied()
    }

    /// All of them together.
    #[must_use]
    pub fn total(&self) -> Duration {
        self.ascending.iter().sum()
    }
}

impl fmt::Display for Latencies {
    /// Percentiles and the longest time in milliseconds, marked as numbers that vary.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} requests:", self.n_samples())?;
        for (name, percent) in [("p50", 50.0), ("p90", 90.0), ("p99", 99.0), ("max", 100.0)] {
            let took = self.percentile(percent).unwrap_or_default();
            write!(f, "  {name} {} ms", varying(format_args!("{:.1}", took.as_secs_f64() * 1e3)))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_by_the_nearest_rank() {
        let mut latencies = Latencies::default();
        assert_eq!(latencies.percentile(50.0), None);
        for ms in (1..=100).rev() {
            latencies.add(Duration::from_millis(ms));
        }
        let percentile = |percent| latencies.percentile(percent).unwrap().as_millis();
        assert_eq!([0.0, 1.0, 50.0, 99.0, 99.1, 100.0].map(percentile), [1, 1, 50, 99, 100, 100]);
        assert_eq!(latencies.total(), Duration::from_millis(5050));
        assert_eq!(
            latencies.to_string(),
            "100 requests:  p50 ≈50.0 ms  p90 ≈90.0 ms  p99 ≈99.0 ms  max ≈100.0 ms"
        );
    }

    #[test]
    fn what_is_timed_is_handed_through() {
        let mut latencies = Latencies::default();
        assert_eq!(latencies.time(|| 7), 7);
        assert_eq!(latencies.n_samples(), 1);
    }
}
