//! The workshop's other modules, standing in for themselves: in memory, for development and tests.
//!
//! - [`adoptions`]: module 2 to 4, likes and adoptions of visitors who are signed in.
//! - [`records`]: module 5, which profiles are opened, and the contact form's questions.
//! - [`cognito`]: module 4, a user pool that speaks as Amazon Cognito does.
//!
//! Nothing is written to disk and nothing personal to the log; all is gone when the process ends.

pub mod adoptions;
mod body;
pub mod cognito;
pub mod records;

use std::sync::Arc;

use axum::Router;
use clap::ValueEnum;
use mysfits_site::settings::Settings;

use self::{
    adoptions::Likes,
    cognito::{Cognito, Refusal},
};

/// Which of the workshop's other modules are there beside the recommendations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Chosen {
    /// All of them, in memory: the mysfits' API with likes and adoptions, sign-in, clicks, questions
    #[default]
    All,
    /// None: the site's own config.json says what there is
    None,
}

/// The modules' state.
#[derive(Debug, Clone)]
pub struct Modules {
    likes: Arc<Likes>,
    cognito: Arc<Cognito>,
}

impl Modules {
    /// Modules in which nothing has happened yet; confirmation codes go to the log.
    ///
    /// # Errors
    /// [`Refusal::Internal`] if the system has no random numbers.
    pub fn new() -> Result<Self, Refusal> {
        Ok(Self::with(Cognito::new(Box::new(cognito::log_code))?))
    }

    /// Modules with this user pool.
    #[must_use]
    pub fn with(cognito: Cognito) -> Self {
        Self { likes: Arc::default(), cognito: Arc::new(cognito) }
    }

    /// What visitors did with the mysfits, for the API that lists them.
    #[must_use]
    pub fn adoptions(&self) -> Arc<Likes> {
        self.likes.clone()
    }

    /// The modules' routes.
    pub fn router(&self) -> Router {
        adoptions::routes(self.likes.clone(), self.cognito.clone())
            .merge(records::routes())
            .merge(cognito::routes(self.cognito.clone()))
    }

    /// The settings of a site whose modules are all here, on its own origin.
    #[must_use]
    pub fn settings() -> Settings {
        let own = || Some(String::new());
        Settings {
            mysfits_api_endpoint: own(),
            streaming_api_endpoint: own(),
            questions_api_endpoint: own(),
            recommendations_api_endpoint: own(),
            cognito_user_pool_id: Some(cognito::POOL_ID.to_owned()),
            cognito_user_pool_client_id: Some(cognito::CLIENT_ID.to_owned()),
            aws_region: Some(cognito::REGION.to_owned()),
            cognito_endpoint: Some(cognito::PATH.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests;
