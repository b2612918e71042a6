//! The site's settings, fetched once and shared.

use mysfits_site::settings::SiteSettings;

use super::stored::Stored;
use crate::{
    api::{
        recommendations::RecommendationError,
        site_config::{self, CONFIG_URI},
    },
    browser::{self, FetchRequest},
};

/// A handle to the configuration.
#[derive(Debug, Clone, Copy)]
pub struct ConfigStore(Stored<Option<SiteSettings>>);

impl ConfigStore {
    /// Returns a store without a configuration.
    pub fn new() -> Self {
        Self(Stored::new(None))
    }

    /// Returns the configuration, if it was fetched.
    pub fn get(self) -> Option<SiteSettings> {
        self.0.get()
    }

    /// Returns the configuration, and fetches it if it was not fetched or that failed.
    ///
    /// # Errors
    /// An error of the request, or [`RecommendationError::NotConfigured`] for an invalid configuration.
    pub async fn fetch(self) -> Result<SiteSettings, RecommendationError> {
        if let Some(config) = self.get() {
            return Ok(config);
        }
        let response = browser::fetch(&FetchRequest::get(CONFIG_URI)).await?;
        let config = match response.status {
            200 => site_config::parse(&response.body).ok_or(RecommendationError::NotConfigured)?,
            500.. => return Err(RecommendationError::Busy { retry_after: response.retry_after }),
            // A site without a configuration has no services.
            _ => SiteSettings::default(),
        };
        self.0.set(Some(config.clone()));
        Ok(config)
    }
}
