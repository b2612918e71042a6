//! Options for injected faults.

use anyhow::{Context as _, Result};
use axum::Router;
use clap::Args;
use mysfits_sagemaker::{Endpoints, faults::Faults, http::chaos_routes};

/// Fault injection.
#[derive(Debug, Clone, Default, Args)]
pub struct ChaosArgs {
    /// Inject faults, e.g. knn-demo=latency=200,model-error=0.5,unavailable=0.1,throttling=0.1,not-ready=0
    #[arg(long = "fault", value_name = "NAME=FAULTS", value_parser = parse_faults)]
    pub faults: Vec<(String, Faults)>,
    /// Let clients inject faults, at /chaos/NAME
    #[arg(long)]
    pub chaos: bool,
}

/// Parses `NAME=FAULTS`. The name is not validated.
///
/// # Errors
/// If the name is missing or the faults are invalid.
pub fn parse_faults(text: &str) -> Result<(String, Faults), String> {
    match text.split_once('=') {
        Some((name, faults)) if !name.is_empty() => {
            Ok((name.to_owned(), faults.parse().map_err(|error| format!("{error}"))?))
        }
        _ => Err("expected NAME=FAULTS, for instance knn-demo=latency=200".to_owned()),
    }
}

impl ChaosArgs {
    /// Sets the faults of the endpoints.
    ///
    /// # Errors
    /// If there is no endpoint of that name.
    pub fn apply(&self, endpoints: &Endpoints) -> Result<()> {
        for (name, faults) in &self.faults {
            let endpoint = endpoints.get(name).with_context(|| {
                let known: Vec<String> =
                    endpoints.iter().map(|endpoint| endpoint.name().to_owned()).collect();
                format!("--fault {name}: unknown endpoint (expected {})", known.join(", "))
            })?;
            endpoint.set_faults(*faults);
            tracing::warn!(endpoint = name, %faults, "fault injection is enabled");
        }
        Ok(())
    }

    /// Adds the routes by which clients set faults, if that is allowed. They are outside of all limits, so that the faults of
    /// an overloaded endpoint can be removed.
    pub fn add_routes(&self, router: Router, endpoints: Endpoints) -> Router {
        if self.chaos { router.merge(chaos_routes(endpoints)) } else { router }
    }
}
