//! The site's settings, fetched once and shared by whoever needs them.

use crate::{
    browser::{self, Request},
    config::{CONFIG_URI, Config},
    exchange::Failure,
    kept::Kept,
};

/// A handle to the settings.
#[derive(Debug, Clone, Copy)]
pub struct Settings(Kept<Option<Config>>);

impl Settings {
    /// Nothing is fetched yet.
    pub fn new() -> Self {
        Self(Kept::new(None))
    }

    /// The settings, if they were fetched.
    pub fn known(self) -> Option<Config> {
        self.0.get()
    }

    /// The settings; fetched once, and again only if that failed.
    ///
    /// # Errors
    /// A [`Failure`] of the exchange, or [`Failure::NotConfigured`] for what is not settings.
    pub async fn fetch(self) -> Result<Config, Failure> {
        if let Some(config) = self.known() {
            return Ok(config);
        }
        let config = match browser::fetch(&Request::get(CONFIG_URI)).await? {
            reply if reply.status == 200 => Config::parse(&reply.body).map_err(|_| Failure::NotConfigured)?,
            reply if reply.status >= 500 => return Err(Failure::Busy { retry_after: reply.retry_after }),
            // A site without settings has no services.
            _ => Config::default(),
        };
        self.0.set(Some(config.clone()));
        Ok(config)
    }
}
