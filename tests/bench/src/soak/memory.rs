//! The memory of the server over time.

use std::{fmt::Write as _, time::Duration};

use anyhow::Result;
use tokio::time::{Instant, sleep_until};

use crate::{
    chart::{Chart, ChartAxis, ChartLine, ChartScale},
    endpoint::EndpointServer,
    figures::Unit,
};

/// The time between two samples.
const INTERVAL: Duration = Duration::from_secs(1);
/// The time until caches are filled and the allocator has what it needs; a third of a short run.
const WARM_UP: Duration = Duration::from_mins(1);
/// The share by which the memory may change after the warm-up.
const ALLOWED_GROWTH: f64 = 0.1;

/// The resident memory of a process, once a second.
pub(super) struct MemoryCurve {
    /// Seconds since the start, and bytes.
    points: Vec<(f64, f64)>,
    warm_up: Duration,
}

impl MemoryCurve {
    /// Measures for a while.
    pub(super) async fn measure(server: &EndpointServer, duration: Duration) -> Result<Self> {
        let begun = Instant::now();
        let mut points = Vec::new();
        for second in 0.. {
            sleep_until(begun + INTERVAL * second).await;
            let elapsed = begun.elapsed();
            if elapsed > duration {
                break;
            }
            points.push((elapsed.as_secs_f64(), server.resident_bytes()?));
        }
        Ok(Self { points, warm_up: WARM_UP.min(duration / 3) })
    }

    pub(super) fn resident_bytes(&self) -> Vec<f64> {
        self.points.iter().map(|point| point.1).collect()
    }

    /// Returns the points as lines of seconds and bytes.
    pub(super) fn csv(&self) -> String {
        let mut text = "seconds,resident_bytes\n".to_owned();
        for (seconds, bytes) in &self.points {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{seconds:.1},{bytes:.0}");
        }
        text
    }

    pub(super) fn chart(&self) -> Chart {
        let points = self.points.iter().map(|(seconds, bytes)| (seconds / 60.0, *bytes)).collect();
        let axis = |label, unit| ChartAxis { label, unit, scale: ChartScale::Linear };
        Chart {
            name: "soak",
            title: "Memory of the server under mixed load".to_owned(),
            x: axis("minutes", Unit::Count),
            y: axis("resident memory", Unit::Bytes),
            lines: vec![ChartLine { name: "local-sagemaker".to_owned(), points }],
        }
    }

    /// Returns the median of a tenth of the points that begins at one of them.
    fn median_from(&self, first: usize) -> f64 {
        let len = (self.points.len() / 10).max(1);
        let mut bytes: Vec<f64> = self.points.iter().skip(first).take(len).map(|point| point.1).collect();
        bytes.sort_unstable_by(f64::total_cmp);
        bytes.get(bytes.len() / 2).copied().unwrap_or_default()
    }

    fn after_warm_up(&self) -> f64 {
        let warm_up = self.warm_up.as_secs_f64();
        self.median_from(self.points.iter().take_while(|point| point.0 < warm_up).count())
    }

    /// Returns by how many bytes the memory grew after the warm-up.
    pub(super) fn growth(&self) -> f64 {
        let last = self.points.len() - (self.points.len() / 10).max(1);
        self.median_from(last) - self.after_warm_up()
    }

    pub(super) fn allowed_growth(&self) -> f64 {
        self.after_warm_up() * ALLOWED_GROWTH
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(bytes: impl Fn(usize) -> f64) -> MemoryCurve {
        let points = (0..100).map(|second| (second as f64, bytes(second))).collect();
        MemoryCurve { points, warm_up: Duration::from_secs(30) }
    }

    #[test]
    fn growth_is_measured_after_the_warm_up() {
        let flat = curve(|second| if second < 30 { second as f64 } else { 100.0 });
        assert_eq!((flat.growth(), flat.allowed_growth()), (0.0, 10.0));
        let leak = curve(|second| second as f64);
        assert_eq!(leak.growth(), 60.0);
        let peak = curve(|second| if second == 95 { 1000.0 } else { 100.0 });
        assert_eq!(peak.growth(), 0.0);
    }

    #[test]
    fn csv_has_a_line_for_each_second() {
        let csv = curve(|_| 4096.0).csv();
        assert!(csv.starts_with("seconds,resident_bytes\n0.0,4096\n1.0,4096\n"), "{csv}");
        assert_eq!(csv.lines().count(), 101);
    }
}
