//! The site's configuration, fetched once and shared.

use super::stored::Stored;
use crate::{
    api::{
        recommendations::RecommendationError,
        site_config::{CONFIG_URI, SiteConfig},
    },
    browser::{self, HttpRequest},
};

/// A handle to the configuration.
#[derive(Debug, Clone, Copy)]
pub struct ConfigStore(Stored<Option<SiteConfig>>);

impl ConfigStore {
    /// Returns a store without a configuration.
    pub fn new() -> Self {
        Self(Stored::new(None))
    }

    /// Returns the configuration, if it was fetched.
    pub fn get(self) -> Option<SiteConfig> {
        self.0.get()
    }

    /// Returns the configuration, and fetches it if it was not fetched or that failed.
    ///
    /// # Errors
    /// An error of the request, or [`RecommendationError::NotConfigured`] for an invalid configuration.
    pub async fn fetch(self) -> Result<SiteConfig, RecommendationError> {
        if let Some(config) = self.get() {
            return Ok(config);
        }
        let response = browser::fetch(&HttpRequest::get(CONFIG_URI)).await?;
        let config = match response.status {
            200 => SiteConfig::parse(&response.body).map_err(|_| RecommendationError::NotConfigured)?,
            500.. => return Err(RecommendationError::Busy { retry_after: response.retry_after }),
            // A site without a configuration has no services.
            _ => SiteConfig::default(),
        };
        self.0.set(Some(config.clone()));
        Ok(config)
    }
}
